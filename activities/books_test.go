package activities_test

// signOff is a form by the owner and a decision by one role about it.
const signOff = `playbook: sign-off
title: Sign-off
subject: system
steps:
  - id: scope
    form:
      ask: ${system.owner}
      title: What does ${system.name} do?
      questions:
        - {id: purpose, text: 'What is ${system.name} for?', type: text}
    due: 5 working days
  - id: rating
    set: {level: high}
  - id: decide
    approval:
      about: [scope, rating]
      need: [{role: ai-ethics-officer}]
      changes: scope
    due: 5 working days
`

// asking puts a form to a role.
const asking = `playbook: asking
title: Asking
subject: system
steps:
  - id: opinion
    form: {ask: explainability-lead, title: Your opinion, questions: [{id: text, text: Your opinion, type: text}]}
    due: 5 working days
`

// tested is a task with evidence, and a decision about it.
const tested = `playbook: tested
title: Tested
subject: system
steps:
  - id: bias_test
    task: {assign: explainability-lead, title: 'Test ${system.name}', evidence: required}
    due: 5 working days
  - id: decide
    approval: {about: [bias_test], need: [{role: ai-ethics-officer}], changes: bias_test}
    due: 5 working days
`

// sideBySide has two forms in a group, and two decisions in another.
const sideBySide = `playbook: side-by-side
title: Side by side
subject: system
steps:
  - id: forms
    group:
      - {id: first, form: {ask: '${system.owner}', title: First, questions: [{id: text, text: First, type: text}]}}
      - {id: second, form: {ask: model-validation-lead, title: Second, questions: [{id: text, text: Second, type: text}]}}
  - id: decisions
    group:
      - {id: risk, approval: {about: [first], need: [{role: chief-risk-officer}], changes: second}}
      - {id: ethics, approval: {about: [second], need: [{role: ai-ethics-officer}], changes: first}}
  - id: told
    notify: {to: aims-manager, text: It may be used.}
`

// either has a decision by one of two roles, and one by the committee.
const either = `playbook: either
title: Either
subject: system
steps:
  - id: decide
    approval: {need: [{any_of: [{role: ai-ethics-officer}, {role: explainability-lead}]}]}
    due: 5 working days
`

// committeeDecides is a decision by the committee and a role, from which the
// holders of a role are shut out.
const committeeDecides = `playbook: committee-decides
title: Committee decides
subject: system
steps:
  - id: decide
    approval:
      need: [{role: ai-ethics-officer}, {committee: responsible-ai-committee}]
      never: [explainability-lead, model-validation-lead]
    due: 5 working days
`

// turning asks whoever the roster decides at the moment.
const turning = `playbook: turning
title: Turning
subject: system
steps:
  - id: officer
    when: 'holds("ethan", "ai-ethics-officer")'
    form: {ask: ai-ethics-officer, title: Officer, questions: [{id: text, text: Text, type: text}]}
  - id: manager
    when: '!holds("ethan", "ai-ethics-officer")'
    form: {ask: aims-manager, title: Manager, questions: [{id: text, text: Text, type: text}]}
`

// lanes has two sequences side by side, one with an id and one without, a
// guarded block with a group and a block in it, and a decision that goes back
// into the middle of the first sequence.
const lanes = `playbook: lanes
title: Lanes
subject: system
steps:
  - id: scope
    form: {ask: '${system.owner}', title: Scope, questions: [{id: deep, text: Go deep, type: yesno}, {id: people, text: People, type: int}]}
  - id: checks
    group:
      - id: bias
        title: Bias of ${system.name}
        steps:
          - {id: plan, form: {ask: explainability-lead, title: Plan, questions: [{id: text, text: Plan, type: text}]}}
          - {id: result, form: {ask: explainability-lead, title: Result, questions: [{id: text, text: Result, type: text}]}}
          - {id: agree, approval: {about: [plan, result], need: [{role: chief-risk-officer}], changes: result}}
      - steps:
          - {id: safety, task: {assign: model-validation-lead, title: Safety}}
          - {id: signed, set: {by: '${steps.safety.by}'}}
          - {id: told, notify: {to: aims-manager, text: 'Safe, says ${steps.signed.by}.'}}
  - id: closer
    when: steps.scope.deep && holds("ron", "chief-risk-officer")
    title: A closer look at ${system.name}
    satisfies: [iso42001:8.4]
    steps:
      - {id: reach, form: {ask: explainability-lead, title: Reach, questions: [{id: text, text: 'Reach', type: text}]}}
      - id: pair
        group:
          - {id: left, task: {assign: explainability-lead, title: Left}}
          - {id: right, task: {assign: model-validation-lead, title: Right}}
      - id: many
        when: steps.scope.people > 100
        steps:
          - {id: letter, task: {assign: aims-manager, title: 'Tell them: ${steps.reach.text}'}}
  - id: decide
    approval: {about: [checks, closer], need: [{role: ai-ethics-officer}], changes: result}
`
