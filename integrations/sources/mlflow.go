package sources

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

const (
	// maxVersions is how many versions of a model are looked at, the newest; ours.
	maxVersions = 5
	// maxKeys is how many metrics of a version are read; ours.
	maxKeys = 50
	// pageSize is how many values are asked for at once (REST API of MLflow 2).
	pageSize = 1000
	// maxPages is how many pages of one metric are read; ours.
	maxPages = 5
)

// mlflowRoot is where the REST API of MLflow 2 and 3 stands below the address.
const mlflowRoot = "/api/2.0/mlflow"

// Metrics reads the metrics of the newest versions of a model, the newest values
// first.
func (r *Reader) Metrics(ctx context.Context, from org.Source, model string, since time.Time) ([]port.Metric, error) {
	name := cmp.Or(from.Models[model], model)
	versions, err := r.versions(ctx, from, name)
	if err != nil {
		return nil, err
	}
	var out []port.Metric
	for _, v := range versions {
		of, err := r.metricsOf(ctx, from, v, since)
		if err != nil {
			return nil, err
		}
		out = append(out, of...)
	}
	slices.SortStableFunc(out, func(a, b port.Metric) int { return b.At.Compare(a.At) })
	return out, nil
}

type version struct {
	Version string `json:"version"`
	Run     string `json:"run_id"`
	Created int64  `json:"creation_timestamp"`
}

func (r *Reader) versions(ctx context.Context, from org.Source, name string) ([]version, error) {
	if strings.ContainsAny(name, `'"\`) {
		return nil, &port.RemoteError{Reason: fmt.Sprintf("%q is no name that a registry knows a model by", name)}
	}
	var answer struct {
		Versions []version `json:"model_versions"`
	}
	q := url.Values{"filter": {"name='" + name + "'"}, "max_results": {strconv.Itoa(pageSize)}}
	if err := r.get(ctx, from, mlflowRoot+"/model-versions/search?"+q.Encode(), &answer); err != nil {
		return nil, err
	}
	if len(answer.Versions) == 0 {
		return nil, &port.RemoteError{Reason: fmt.Sprintf("the registry has no model %q. If it is called otherwise there, say so under models: at the source", name)}
	}
	slices.SortFunc(answer.Versions, func(a, b version) int { return cmp.Compare(b.Created, a.Created) })
	return answer.Versions[:min(len(answer.Versions), maxVersions)], nil
}

// value is one value of a metric; MLflow writes what is no number as a text.
type value struct {
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`
	At    int64           `json:"timestamp"` // milliseconds
}

func (r *Reader) metricsOf(ctx context.Context, from org.Source, v version, since time.Time) ([]port.Metric, error) {
	if v.Run == "" {
		return nil, nil // registered without a run: nothing was measured
	}
	var answer struct {
		Run struct {
			Data struct {
				Metrics []value `json:"metrics"`
			} `json:"data"`
		} `json:"run"`
	}
	err := r.get(ctx, from, mlflowRoot+"/runs/get?"+url.Values{"run_id": {v.Run}}.Encode(), &answer)
	var bad *port.RemoteError
	switch {
	case errors.As(err, &bad) && strings.Contains(bad.Reason, "404"):
		return nil, nil // the run was deleted, the version is still there
	case err != nil:
		return nil, err
	}
	var out []port.Metric
	for i, last := range answer.Run.Data.Metrics {
		if i == maxKeys {
			break
		}
		if time.UnixMilli(last.At).Before(since) {
			continue
		}
		values, err := r.history(ctx, from, v, last.Key, since)
		if err != nil {
			return nil, err
		}
		out = append(out, values...)
	}
	return out, nil
}

// history reads all values of one metric since an instant.
func (r *Reader) history(ctx context.Context, from org.Source, v version, key string, since time.Time) (out []port.Metric, err error) {
	q := url.Values{"run_id": {v.Run}, "metric_key": {key}, "max_results": {strconv.Itoa(pageSize)}}
	for range maxPages {
		var answer struct {
			Metrics []value `json:"metrics"`
			Next    string  `json:"next_page_token"`
		}
		if err := r.get(ctx, from, mlflowRoot+"/metrics/get-history?"+q.Encode(), &answer); err != nil {
			return nil, err
		}
		for _, m := range answer.Metrics {
			at := time.UnixMilli(m.At).UTC()
			number, err := strconv.ParseFloat(string(m.Value), 64)
			if err != nil || at.Before(since) {
				continue
			}
			out = append(out, port.Metric{Version: v.Version, Metric: key, Run: v.Run, Value: number, At: at})
		}
		if answer.Next == "" {
			break
		}
		q.Set("page_token", answer.Next)
	}
	return out, nil
}
