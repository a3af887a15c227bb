"""The documents of a pack as pydantic models: what may stand in each file. Editors get their JSON schema from here.

These are the documents as written; `pack.load` turns them into checked rules.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

SCHEMA = "envrules/1"

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=60)]
RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$", max_length=80)]
Expression = Annotated[str, BeforeValidator(lambda v: _text(v)), Field(max_length=4000)]
Text = Annotated[str, Field(max_length=2000)]
Short = Annotated[str, BeforeValidator(lambda v: _text(v)), Field(max_length=120)]


def _text(value: Any) -> Any:
    """A number or truth value where a text is meant: `require: true` is the expression true."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


class Part(BaseModel):
    """A part of a document; a word that is not known is an error, so that a misspelt one is seen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WordsPart(Part):
    """A text for people, in English, Chinese or both."""

    en: Text = ""
    zh: Text = ""

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"en": value} if isinstance(value, str) else value


class EnumValuePart(WordsPart):
    aliases: list[Short] = []


class EnumPart(Part):
    values: dict[Name, EnumValuePart] = Field(default={}, description="The words, the lowest first where ordered.")
    ordered: bool = False
    extends: str | None = Field(
        default=None,
        description="Another enumeration whose words come first; its own name adds words to that of the pack below.",
    )


class AssumePart(Part):
    value: Any
    note: WordsPart


class FieldPart(Part):
    kind: Literal["id", "text", "enum", "bool", "int", "number", "quantity", "date", "month", "year"]
    unit: Short | None = None
    context: Name | None = Field(default=None, description="Equivalence under which other dimensions convert: steam.")
    enum: str | None = None
    values: dict[Name, EnumValuePart] | None = None
    ordered: bool = False
    label: WordsPart = WordsPart()
    meaning: WordsPart = WordsPart()
    aliases: list[Short] = []
    least: float | None = None
    above: float | None = None
    most: float | None = None
    below: float | None = None
    empty: Literal["not done"] | None = None
    assume: AssumePart | None = None
    unit_of: Name | None = None
    units: dict[Name, Short] | None = None
    unit_field: Name | None = None
    detection_limit: float | None = None
    typical: tuple[float, float] | None = Field(
        default=None, description="From where to where values usually lie; a column far outside may be in another unit."
    )


class TableRowPart(Part):
    when: Expression | None = None
    then: Expression
    require: Expression | None = None


class DerivedPart(Part):
    """A named expression, or a table whose first (or only) row that holds gives the value."""

    value: Expression | None = None
    rows: list[TableRowPart] | None = Field(default=None, max_length=200)
    hit: Literal["first", "unique"] = "first"
    unit: Short | None = None
    enum: str | None = None
    values: dict[Name, EnumValuePart] | None = None
    ordered: bool = False
    label: WordsPart = WordsPart()
    meaning: WordsPart = WordsPart()

    @model_validator(mode="after")
    def _one_form(self) -> DerivedPart:
        if (self.value is None) == (self.rows is None):
            raise ValueError("give either value or rows")
        return self


class IdPart(Part):
    from_: list[Name] = Field(alias="from", min_length=1)


class RecordDocument(Part):
    """records/<type>.yaml: one record type."""

    schema_: Literal["envrules/1"] = Field(alias="schema")
    record: Name
    label: WordsPart = WordsPart()
    aliases: list[Short] = []
    date: Name | None = None
    id: IdPart | None = None
    fields: dict[Name, FieldPart] = Field(default={}, description="May be left out only where `extends` is true.")
    derived: dict[Name, DerivedPart] = {}
    extends: bool = Field(default=False, description="Adds to the record type of the pack this one builds on.")


class CitationPart(Part):
    phrase: Annotated[str, Field(min_length=1, max_length=40)]
    place: int = Field(default=1, ge=1, description="The sentence of the clause it stands in.")
    numbers: list[Short] | None = Field(default=None, description="The rule's numbers as the clause writes them.")


class RelatedPart(Part):
    record: Name
    keys: dict[Name, Expression] = Field(min_length=1)
    where: Expression | None = None


class KeyPart(Part):
    key: Expression
    from_: Short | None = Field(default=None, alias="from")
    values: Literal["all"] | list[Short] | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return value if isinstance(value, dict) else {"key": value}


class CoveragePart(Part):
    of: Name
    least: int = Field(ge=1)


class NotePart(WordsPart):
    when: Expression | None = None


class RepeatPart(Part):
    """Makes one record for each day from `from` on in a case."""

    field: Name
    from_: dt.date = Field(alias="from")
    days: int = Field(ge=1, le=4000)


class CasePart(Part):
    """Records with the outcomes they must get."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    as_of: dt.date | None = None
    record: dict[Name, Any] | None = None
    records: dict[Name, list[dict[str, Any]]] | None = None
    subjects: dict[str, list[Short]] | None = None
    expect: dict[str, Any] | None = None
    outcome: str | None = None
    margin: float | None = None
    observed: Any = None
    limit: Any = None
    unit: str | None = None
    value: Any = None
    missing: list[str] | None = None
    fields: list[str] | None = None
    severity: Literal["low", "medium", "high"] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> CasePart:
        if (self.record is None) == (self.records is None):
            raise ValueError("give either record (with outcome) or records (with expect)")
        if (self.outcome is None) != (self.record is None) or (self.expect is None) != (self.records is None):
            raise ValueError("outcome goes with record, expect with records")
        return self


Severity = Literal["low", "medium", "high"]


class RulePart(Part):
    id: RuleId
    title: WordsPart
    citation: CitationPart | None = None
    record: Name
    related: dict[Name, RelatedPart] = {}
    group: dict[Name, KeyPart] | None = None
    coverage: CoveragePart | None = None
    derive: dict[Name, DerivedPart] = {}
    when: Expression | None = None
    require: Expression
    effective: dt.date | None = None
    expires: dt.date | None = None
    due: Expression | None = None
    output: Name | None = None
    severity: Severity | dict[str, Expression] = "medium"
    message: WordsPart = WordsPart()
    readings: list[WordsPart] = []
    notes: list[NotePart] = []
    reason: WordsPart = Field(default=WordsPart(), description="Why this rule overrides one of the pack it builds on.")
    overrides: bool = False
    cases: list[CasePart] = []


class ClauseDocument(Part):
    """<clause>.yaml: one clause of the document with its rules."""

    schema_: Literal["envrules/1"] = Field(alias="schema")
    clause: Short
    title: WordsPart = WordsPart()
    rules: list[RulePart]


class SourcePart(Part):
    title: WordsPart | None = None
    issuer: WordsPart | None = None
    date: dt.date | None = None
    url: Text | None = None
    number: Text | None = None


class ClausePart(Part):
    """A clause of the document: its locator, a short title, and why no record can show it where none can."""

    id: Short
    title: WordsPart = WordsPart()
    no_rules: WordsPart | None = None
    clauses: list[ClausePart] = []


class CasesPart(Part):
    as_of: dt.date | None = None


class LinkPart(Part):
    """Records that belong to a screened case: their type, and the field of theirs that holds the case's id."""

    record: Name
    key: Name


class ScreeningPart(Part):
    """Which records are screened as one case, and what is supposed of them where they do not say."""

    record: Name
    linked: dict[Name, LinkPart] = {}
    rules: list[Short] = Field(default=[], description="Ids or patterns of the rules; all on these records otherwise.")
    suppose: dict[Name, dict[Name, bool | Name]] = Field(
        default={}, description="Record type -> field -> what holds of a case that is screened, and is never changed."
    )


class ScreeningDocument(Part):
    """screening.yaml: what pack.yaml may say too, apart from it."""

    schema_: Literal["envrules/1"] = Field(alias="schema")
    screening: ScreeningPart


class PackDocument(Part):
    """pack.yaml."""

    schema_: Literal["envrules/1"] = Field(alias="schema")
    pack: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
    version: Short
    title: WordsPart = WordsPart()
    document: SourcePart = SourcePart()
    effective: dt.date | None = None
    expires: dt.date | None = None
    calendar: str = "weekdays"
    cases: CasesPart = CasesPart()
    units: list[Text] = Field(default=[], max_length=200)
    enums: dict[Name, EnumPart] = {}
    clauses: list[ClausePart] = []
    extends: str | None = Field(default=None, description="The pack this one builds on: a shipped one, or a path.")
    subjects: dict[str, list[Short]] = {}
    screening: ScreeningPart | None = None
