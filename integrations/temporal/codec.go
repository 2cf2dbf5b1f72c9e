package temporal

import (
	"bytes"
	"compress/zlib"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
	"sync"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
)

// What the metadata of an encrypted payload says.
const (
	metaEncoding = "encoding"
	metaKeyID    = "aimsbot-key"
	// encoding names the form: one byte (plain or packed), then the payload as
	// protobuf; AES-256-GCM with the nonce in front and the key id bound to it.
	encoding = "binary/aimsbot-1"
)

const (
	plain  = 0
	packed = 1 // with zlib
)

const (
	// packFrom is the size in bytes below which packing gains nothing.
	packFrom = 256
	// maxPayload bounds what one payload may unpack to, in bytes; the server
	// refuses payloads over 2 MiB packed (facts: blob size limit).
	maxPayload = 64 << 20
)

// codec encrypts every payload with the first key and decrypts with any.
type codec struct {
	first string
	aeads map[string]cipher.AEAD
	zips  sync.Pool // *zlib.Writer: each holds 800 KB, too much to make per payload
}

// NewCodec makes the payload codec. It needs at least one key.
func NewCodec(keys []Key) (converter.PayloadCodec, error) {
	if len(keys) == 0 {
		return nil, errors.New("payload codec: there is no key")
	}
	c := &codec{first: keys[0].id, aeads: map[string]cipher.AEAD{}}
	for _, k := range keys {
		block, err := aes.NewCipher(k.secret[:])
		if err != nil {
			return nil, fmt.Errorf("payload codec: %w", err)
		}
		if c.aeads[k.id], err = cipher.NewGCM(block); err != nil {
			return nil, fmt.Errorf("payload codec: %w", err)
		}
	}
	return c, nil
}

// Converter is the data converter with the codec over the SDK's own. A run
// whose key is missing waits for it.
func Converter(c converter.PayloadCodec) converter.DataConverter {
	return parking{converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), c)}
}

// Encode packs and encrypts.
func (c *codec) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		b, err := proto.Marshal(p)
		if err != nil {
			return nil, fmt.Errorf("encode a payload: %w", err)
		}
		b, err = c.pack(b)
		if err != nil {
			return nil, fmt.Errorf("pack a payload: %w", err)
		}
		aead := c.aeads[c.first]
		nonce := random(aead.NonceSize())
		sealed := aead.Seal(nonce, nonce, b, []byte(encoding+c.first))
		out[i] = &commonpb.Payload{
			Metadata: map[string][]byte{metaEncoding: []byte(encoding), metaKeyID: []byte(c.first)},
			Data:     sealed,
		}
	}
	return out, nil
}

// Decode decrypts and unpacks. A payload in another encoding was never
// encrypted here and passes as it is; nothing we trust travels that way.
func (c *codec) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		out[i] = p
		if string(p.GetMetadata()[metaEncoding]) != encoding {
			continue
		}
		b, err := c.open(string(p.GetMetadata()[metaKeyID]), p.GetData())
		if err != nil {
			return nil, err
		}
		b, err = unpack(b)
		if err != nil {
			return nil, fmt.Errorf("unpack a payload: %w", err)
		}
		out[i] = &commonpb.Payload{}
		if err := proto.Unmarshal(b, out[i]); err != nil {
			return nil, fmt.Errorf("decode a payload: %w", err)
		}
	}
	return out, nil
}

func (c *codec) open(id string, sealed []byte) ([]byte, error) {
	aead, ok := c.aeads[id]
	if !ok {
		return nil, &MissingKeyError{ID: id}
	}
	n := aead.NonceSize()
	if len(sealed) < n {
		return nil, errors.New("decrypt a payload: too short")
	}
	b, err := aead.Open(nil, sealed[:n], sealed[n:], []byte(encoding+id))
	if err != nil {
		return nil, fmt.Errorf("decrypt a payload: %w", err)
	}
	return b, nil
}

// pack puts the byte that says how before the content.
func (c *codec) pack(b []byte) ([]byte, error) {
	if len(b) >= packFrom {
		var buf bytes.Buffer
		buf.WriteByte(packed)
		w, ok := c.zips.Get().(*zlib.Writer)
		if !ok {
			w = zlib.NewWriter(&buf)
		}
		defer c.zips.Put(w)
		w.Reset(&buf)
		_, err := w.Write(b)
		if err := errors.Join(err, w.Close()); err != nil {
			return nil, err
		}
		if buf.Len() <= len(b) {
			return buf.Bytes(), nil
		}
	}
	return append([]byte{plain}, b...), nil
}

func unpack(b []byte) ([]byte, error) {
	switch {
	case len(b) > 0 && b[0] == plain:
		return b[1:], nil
	case len(b) > 0 && b[0] == packed:
		r, err := zlib.NewReader(bytes.NewReader(b[1:]))
		if err != nil {
			return nil, err
		}
		out, err := io.ReadAll(io.LimitReader(r, maxPayload+1))
		if err != nil {
			return nil, err
		}
		if len(out) > maxPayload {
			return nil, fmt.Errorf("more than %d bytes", maxPayload)
		}
		return out, r.Close()
	}
	return nil, errors.New("unknown form")
}
