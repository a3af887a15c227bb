"""One case to its answer: judge it, see whether what is open is lost anyway, and else what has to be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from envrules.records.types import Words
from envrules.records.values import Nothing, Value
from envrules.screening.answer import Answer, Question, Reason, Way
from envrules.screening.case import Case, Input, Pair, judge_case
from envrules.screening.checked import lies_ahead
from envrules.screening.cures import find_cures
from envrules.screening.decision import Decision
from envrules.screening.inputs import open_inputs
from envrules.screening.settle import Branch, Component, Search, components, in_order
from envrules.screening.words import (
    field_words,
    listed,
    question_words,
    record_words,
    records_question,
    unit_text,
    value_words,
)
from envrules.verdict import Outcome, Verdict


def decide(case: Case) -> Decision:
    """The answer to a case.

    It is refused for a broken rule, and where every value of what is missing breaks one; asked about while something
    that decides is missing; and else clear.
    """
    judgement = judge_case(case)
    outcomes: dict[tuple[str, int], Outcome] = {(p.rule.id, p.index): v.outcome for p, v in judgement.verdicts}
    broken = [(p, v) for p, v in judgement.verdicts if v.outcome == "violation"]
    open_ = [p for p, v in judgement.verdicts if v.outcome == "indeterminate"]
    ahead = [p for p, v in judgement.verdicts if v.outcome == "not_due" and lies_ahead(case, p)]
    reasons = [_reason(case, pair, verdict, outcomes) for pair, verdict in broken]
    waiting = components(case, open_)
    asked: list[tuple[Component, tuple[Input, ...]]] = []
    for component in waiting:
        ways = Search(case, component).lost() if component.inputs else None
        if ways:
            reasons.append(_reason_of_ways(case, ways, outcomes))
    answer: Answer = "refuse" if reasons else "ask" if open_ or ahead else "clear"
    if answer == "ask":
        asked = [(c, Search(case, c).shortest()) for c in waiting if c.inputs]
    questions = [_question(case, at, open_) for at in in_order(case, asked)]
    notes = [*_supposed(case), *_not_given(case), *_ahead(case, ahead), *(_stuck(c) for c in waiting if not c.inputs)]
    undecided = tuple(dict.fromkeys(p.rule.id for p in (*open_, *ahead)))
    return Decision(answer, case, judgement, tuple(reasons), tuple(questions), undecided, tuple(dict.fromkeys(notes)))


def _reason(case: Case, pair: Pair, verdict: Verdict, outcomes: Mapping[tuple[str, int], Outcome]) -> Reason:
    in_chinese = case.verdict(pair, "zh")
    return Reason(
        rules=(pair.rule.id,),
        clauses=(pair.rule.clause,),
        record_type=pair.rule.record,
        record_id=verdict.record_id or "",
        title=pair.rule.title,
        words=Words(verdict.message, in_chinese.message),
        fields=verdict.fields,
        found=verdict.observed,
        needed=verdict.limit,
        unit=verdict.unit,
        search=partial(find_cures, case, [pair], outcomes),
    )


def _reason_of_ways(case: Case, ways: Sequence[Branch], outcomes: Mapping[tuple[str, int], Outcome]) -> Reason:
    """The reason where every value of what is missing breaks a rule."""
    pairs = list(dict.fromkeys((p.rule.id, p.index) for way in ways for p in way.broken))
    by_id = {(p.rule.id, p.index): p for way in ways for p in way.broken}
    involved = [by_id[key] for key in pairs]
    rules = {p.rule.id: p.rule for p in involved}
    first = involved[0]
    missing = list(dict.fromkeys(at for way in ways for at, _ in way.values))
    en = listed((field_words(case.declared(at), "en") for at in missing), "en", "and")
    zh = listed((field_words(case.declared(at), "zh") for at in missing), "zh")
    shown = tuple(_way(case, way) for way in ways)
    return Reason(
        rules=tuple(rules),
        clauses=tuple(dict.fromkeys(r.clause for r in rules.values())),
        record_type=first.rule.record,
        record_id=case.records[first.rule.record][first.index].id,
        title=first.rule.title,
        words=Words(
            f"whatever the missing {en}, a clause is broken: " + "; ".join(w.words.en for w in shown),
            f"无论缺少的{zh}如何，均违反条款：" + "；".join(w.words.zh for w in shown),
        ),
        fields=tuple(at.field for at in missing),
        ways=shown,
        search=partial(find_cures, case, involved, outcomes),
    )


def _way(case: Case, branch: Branch) -> Way:
    after = case
    said: dict[str, list[str]] = {"en": [], "zh": []}
    values = []
    for at, value in branch.values:
        after = after.with_value(at, value)
        record = case.record(at)
        values.append((at.record_type, record.id if record is not None else "", at.field, value))
        for language, words in said.items():
            field = case.declared(at)
            colon = "为" if language == "zh" else " "
            words.append(f"{field_words(field, language)}{colon}{value_words(field, value, language)}")
    broken = dict.fromkeys(p.rule.id for p in branch.broken)
    en = "; ".join(after.verdict(p).message for p in branch.broken)
    zh = "；".join(after.verdict(p, "zh").message for p in branch.broken)
    return Way(tuple(values), tuple(broken), Words(f"{', '.join(said['en'])} - {en}", f"{'，'.join(said['zh'])}——{zh}"))


def _question(case: Case, at: Input, open_: Sequence[Pair]) -> Question:
    rules = tuple(dict.fromkeys(p.rule.id for p in open_ if at in open_inputs(case, p)))
    record = case.record(at)
    record_type = case.pack.records[at.record_type]
    label = {lang: record_type.label.either(lang) or record_type.name for lang in ("en", "zh")}
    if not at.field:
        named = Words(label["en"], label["zh"])
        words = Words(*(records_question(label[lang], lang) for lang in ("en", "zh")))
        return Question(at, None, "records", "", named, words, (), Words(), rules)
    field = case.declared(at)
    answers: tuple[tuple[str | bool, Words], ...] = ()
    if field.enum is not None:
        answers = tuple((v.name, Words(v.label.either("en") or v.name, v.label.either("zh") or v.name))
                        for v in field.enum.values)  # fmt: skip
    elif field.kind == "bool":
        answers = ((True, Words("yes", "是")), (False, Words("no", "否")))
    who = label if record is None else {lang: record_words(record_type, record.id, lang) for lang in ("en", "zh")}
    value = case.value(at)
    known = Words() if isinstance(value, Nothing) else Words(*(value_words(field, value, x) for x in ("en", "zh")))
    if record is None:
        known = _said_differently(case, at, open_)
    return Question(
        at,
        record.id if record is not None else None,
        field.kind,
        unit_text(field.unit, "en"),
        Words(field_words(field, "en"), field_words(field, "zh")),
        Words(question_words(field, who["en"], "en"), question_words(field, who["zh"], "zh")),
        answers,
        known,
        rules,
    )


def _said_differently(case: Case, at: Input, open_: Sequence[Pair]) -> Words:
    """What several records say of one input, where a rule means all of them."""
    values: dict[Value, None] = {}
    for pair in open_:
        _, env = case.environment(pair)
        for name, link in pair.rule.related.items():
            if link.record == at.record_type:
                values.update(dict.fromkeys(r.value(at.field) for r, _ in env.related_to(name)))
    field = case.declared(at)
    said = [v for v in values if not isinstance(v, Nothing)]
    return Words(*(listed((value_words(field, v, lang) for v in said), lang) for lang in ("en", "zh")))


def _supposed(case: Case) -> list[Words]:
    """What was not given and taken as the pack supposes, once for all records of a type."""
    ids: dict[tuple[str, str, Value], list[str]] = {}
    for at in case.supposed:
        record = case.record(at)
        assert record is not None
        ids.setdefault((at.record_type, at.field, record.value(at.field)), []).append(record.id)
    found = []
    for (name, field_name, value), records in ids.items():
        record_type = case.pack.records[name]
        field = record_type.fields[field_name]
        label = {lang: record_type.label.either(lang) or name for lang in ("en", "zh")}
        said = {lang: (field_words(field, lang), value_words(field, value, lang)) for lang in ("en", "zh")}
        found.append(
            Words(
                "{} {}: {} not given, taken as {}".format(label["en"], ", ".join(records), *said["en"]),
                "{}{}未填{}，按“{}”处理".format(label["zh"], "、".join(records), *said["zh"]),
            )
        )
    return found


def _not_given(case: Case) -> list[Words]:
    """That linked or related records of a type were not given at all; an empty list would say that there are none."""
    types = [link.record for link in case.screening.linked.values()]
    types += [link.record for rule in case.rules for link in rule.related.values()]
    found = []
    for name in dict.fromkeys(types):
        if name not in case.records:
            label = case.pack.records[name].label
            en, zh = label.either("en") or name, label.either("zh") or name
            found.append(
                Words(
                    f"no {en} was given; what the rules say of it was not checked",
                    f"未提供{zh}，涉及{zh}的规则未予核查",
                )
            )
    return found


def _ahead(case: Case, pairs: Sequence[Pair]) -> list[Words]:
    found = []
    for pair in pairs:
        record_type = case.pack.records[pair.rule.record]
        record = case.records[pair.rule.record][pair.index]
        en, zh = (record_words(record_type, record.id, lang) for lang in ("en", "zh"))
        found.append(
            Words(
                f"{en} is dated after the evaluation date {case.as_of}, so it cannot be judged yet",
                f"{zh}的日期晚于判定日期{case.as_of}，尚不能判定",
            )
        )
    return found


def _stuck(component: Component) -> Words:
    rules = ", ".join(p.rule.id for p in component.pairs)
    return Words(f"cannot be judged from these records: {rules}", f"依据现有记录无法判定：{rules}")
