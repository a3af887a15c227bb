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


class AliasPart(Part):
    """A name of a column that says more: `St,d` the dry basis too, a question what yes and no stand for."""

    name: Short
    states: dict[Name, Short] = Field(default={}, description="Another field -> the word it has in such a table.")
    answers: dict[Literal["yes", "no"], Short] = Field(
        default={}, description="What yes and no stand for in such a column: {yes: built_up, no: other}."
    )


class PlacePart(Part):
    """What the place of a record says of a field: inside polygons that the caller gives, or outside all of them."""

    inside: Short | None = None
    by: list[Short] = Field(default=[], description="Attributes of a polygon that hold the field's word.")
    outside: Short | None = None

    @model_validator(mode="after")
    def _says_something(self) -> PlacePart:
        if self.inside is None and not self.by:
            raise ValueError("give inside, or by")
        return self


class DailyPart(Part):
    """How one field of a day comes from a field of its hours."""

    of: Name
    take: Literal["mean", "highest", "highest_mean"] = "mean"
    least: int = Field(default=20, ge=1, le=24)
    window: int = Field(default=8, ge=1, le=24)
    window_least: int = Field(default=6, ge=1, le=24)
    valid_above: float | None = None
    digits: int = Field(default=0, ge=0, le=6)


class MadeOfPart(Part):
    """Of which hourly records a daily one is made where it is not given."""

    record: Name
    place: Name = Field(description="The field of the place, in both record types.")
    day: Name = Field(description="The field of the day, in both record types.")
    hour: Name
    station: Name | None = None
    stations_least: float = Field(default=0.75, ge=0, le=1)
    source: WordsPart = WordsPart()
    fields: dict[Name, DailyPart] = Field(min_length=1, max_length=100)


class CoordinatesPart(Part):
    """The fields that say where a record is."""

    longitude: Name
    latitude: Name


class FieldPart(Part):
    kind: Literal["id", "text", "enum", "bool", "int", "number", "quantity", "date", "month", "year"]
    unit: Short | None = None
    context: Name | None = Field(default=None, description="Equivalence under which other dimensions convert: steam.")
    enum: str | None = None
    values: dict[Name, EnumValuePart] | None = None
    ordered: bool = False
    label: WordsPart = WordsPart()
    meaning: WordsPart = WordsPart()
    aliases: list[Short | AliasPart] = []
    beside: Name | None = Field(
        default=None, description="An enumeration field whose words may stand in brackets behind this one's name."
    )
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
    words: dict[Short, bool | int | float | Short] = Field(
        default={}, description="Words a cell may hold, and what they stand for: {超标: false}, {国五: 5}."
    )
    place: PlacePart | None = None
    angle: bool = Field(default=False, description="A number of degrees, which a cell may hold as 98°30′36″.")
    deadline: bool = Field(default=False, description="A day by which: 2018年9月底前 is its last day.")


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


class CompletePart(Part):
    """A standard that gives fields of a record which no cell states."""

    by: Short = Field(description="The name of a standard in standards/.")
    field: Name = Field(description="Of a code, the field it stands in; of limits and an index, the field they give.")


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
    complete: list[CompletePart] = Field(default=[], max_length=50)
    coordinates: CoordinatesPart | None = None
    made_of: MadeOfPart | None = None
    told_by: list[Name] = Field(
        default=[], description="Fields without which no table is recognised as this type by its headers."
    )
    extends: bool = Field(default=False, description="Adds to the record type of the pack this one builds on.")


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Texts = Annotated[list[Short], BeforeValidator(_listed), Field(min_length=1, max_length=20)]
Numbers = Annotated[list[float], Field(min_length=1, max_length=50)]


class CodeWordPart(WordsPart):
    """One code of a part: what it means, and the words of fields that it gives."""

    gives: dict[Name, Texts] = {}
    agrees: dict[Name, Texts] = Field(default={}, description="Words that a record may state beside the code as well.")
    aliases: list[Short] = []


class FormPart(WordsPart):
    """One way in which a code is put together, and what it gives: `<part>` stands for that part."""

    form: Short
    gives: dict[Name, Texts] = {}


class CodePart(Part):
    parts: dict[Name, Name | dict[Short, CodeWordPart]] = Field(
        max_length=50, description="`number`, `remark` (what may follow), another part with the same codes, or codes."
    )
    forms: list[FormPart] = Field(min_length=1, max_length=50)
    agreement: float = Field(default=0.0, ge=0, le=0.5, description="How far, relative, a stated number may differ.")


class LimitPart(Part):
    """The limits of one parameter for the classes, the best first; by a word of another field where they differ."""

    unit: Short | None = None
    most: Numbers | dict[Name, Numbers] | None = None
    least: Numbers | dict[Name, Numbers] | None = None
    within: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> LimitPart:
        if sum(x is not None for x in (self.most, self.least, self.within)) != 1:
            raise ValueError("give one of most, least, within")
        return self


class LimitsPart(Part):
    parameters: dict[Name, LimitPart] = Field(min_length=1, max_length=200)
    by: Name | None = Field(default=None, description="The field on which limits depend.")
    needed: list[Name] = []
    complete_if: Name | None = Field(
        default=None, description="The field that says that the parameters given are all that are assessed."
    )


class BreakpointsPart(Part):
    unit: Short | None = None
    points: Annotated[list[float], Field(min_length=2, max_length=50)]


class IndexPart(Part):
    scale: Annotated[list[float], Field(min_length=2, max_length=50)]
    parameters: dict[Name, BreakpointsPart] = Field(min_length=1, max_length=200)
    needed: list[Name] = []


class StandardDocument(Part):
    """standards/<name>.yaml: a table of a standard, by which fields of records are completed."""

    schema_: Literal["envrules/1"] = Field(alias="schema")
    standard: RuleId
    title: WordsPart = WordsPart()
    source: WordsPart = Field(description="The standard with its table, as a finding cites it.")
    codes: CodePart | None = None
    limits: LimitsPart | None = None
    index: IndexPart | None = None

    @model_validator(mode="after")
    def _one_table(self) -> StandardDocument:
        if sum(x is not None for x in (self.codes, self.limits, self.index)) != 1:
            raise ValueError("give one of codes, limits, index")
        return self


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
