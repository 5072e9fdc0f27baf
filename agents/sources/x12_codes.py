"""The code lists of X12 that an order's meaning hangs on, each with its data element number."""

from __future__ import annotations

SET_NAMES = {
    "810": "invoice",
    "820": "payment order",
    "824": "application advice",
    "830": "planning schedule",
    "832": "price catalog",
    "840": "request for quotation",
    "843": "response to a request for quotation",
    "846": "inventory advice",
    "852": "product activity data",
    "855": "purchase order acknowledgment",
    "856": "ship notice",
    "861": "receiving advice",
    "862": "shipping schedule",
    "864": "text message",
    "865": "acknowledgment of a purchase order change",
    "940": "warehouse shipping order",
    "997": "functional acknowledgment",
}
"""143, transaction sets that are not orders."""

UNREAD_SETS = {"875": "grocery purchase order", "876": "grocery purchase order change"}
"""143, sets that are orders or change them, and are not read."""

ORDER_PURPOSES = {"00", "06", "07", "15", "18"}
"""353, purposes of a set that carries the whole order: original, confirmation, duplicate, re-submission, reissue.
Whether that number was seen before, and with what content, is for the intake to judge, not for the reader."""

REPLACE_PURPOSES = {"05"}
"""353, the purpose of a set that carries a whole new version of an order: replace."""

CANCEL_PURPOSES = {"01"}
"""353, the purpose that withdraws the whole order: cancellation."""

OTHER_PURPOSES = {
    "02": "an addition to an order",
    "04": "a change of an order",
    "13": "a request",
    "16": "a proposal",
    "17": "a cancellation to be reissued",
    "22": "an information copy",
    "24": "a draft",
}
"""353, what some other purposes say."""

CHANGE_PURPOSES = {"00", "02", "03", "04", "07", "15", "18"}
"""353, purposes of a change request whose lines say what changes: original, add, delete, change, duplicate,
re-submission, reissue."""

QUANTITY, PRICE, DATES, ITEM = "quantity", "price", "dates", "item"
"""What a change of a line is of."""

LINE_CHANGES = {
    **dict.fromkeys(("AI", "CA", "RE", "RM", "RZ"), frozenset({QUANTITY, PRICE, DATES, ITEM})),
    **dict.fromkeys(("CT", "RB", "RS"), frozenset({DATES})),
    **dict.fromkeys(("QD", "QI"), frozenset({QUANTITY})),
    "MU": frozenset({QUANTITY, PRICE, DATES}),
    "NC": frozenset[str](),
    "PC": frozenset({PRICE}),
    "PQ": frozenset({PRICE, QUANTITY}),
    "PR": frozenset({PRICE, DATES}),
    "RQ": frozenset({QUANTITY, DATES}),
}
"""670, what each change of a line is of; what else stands there is repeated from the order."""

ADDED_LINE, MORE, LINE_REMOVED = "AI", "QI", "DI"
"""670, a line that is added, more of a line, and a line that is removed."""

OTHER_CHANGES = {
    "CB": "date terms",
    "CC": "terms",
    "CE": "allowances and charges",
    "CF": "whether the order stands (BCH01 01 cancels one)",
    "CG": "allowances and charges",
    "RA": "the mode of shipment",
    "TI": "to whom an item belongs",
}
"""670, changes of what an order here does not have."""

ESTIMATE_TYPES = {"BE": "a blanket order with estimated quantities"}
"""92, order types that commit to nothing."""

RELEASE_TYPES = {"RL"}
"""92, releases against a blanket order: the release number is part of what makes the order one."""

REQUESTED_DATES = ("002", "996", "106", "074", "063", "067", "071", "077", "010", "038", "037", "064")
"""374, dates that say when delivery is wanted, the most telling first: delivery requested, required delivery, required
by, requested prior to, do not deliver after, current schedule delivery, requested after, requested for the week of;
then ship dates (requested, no later, not before), and do not deliver before."""

ITEM_NUMBERS = (
    "VN",
    "VP",
    "VC",
    "SK",
    "BP",
    "IN",
    "PN",
    "CB",
    "UP",
    "UK",
    "UA",
    "UI",
    "EN",
    "EO",
    "GT",
    "MG",
    "MN",
    "MF",
)
"""235, product numbers that can name an item, best first: the vendor's (ours), the buyer's, GTINs, the maker's."""

PRICE_OF_ONE = frozenset(
    {"AP", "BD", "BR", "CA", "CP", "CT", "DI", "DR", "FX", "KR", "NT", "PQ", "PR", "QT", "RS", "RT", "SC", "SR", "ST"}
    | {"SW", "UM", "WH"}
)
"""639, prices of one of the quantity's unit: catalog, contract, current, unit of measure and the like."""

PRICE_OF_EACH = frozenset({"LE", "PE", "QE", "RE", "TE", "WE"})
"""639, prices per each. Partners send them for yards and cases as well, and mean the quantity's unit; for units that
count pieces by the dozen or more the two readings differ, so there they are refused."""

PRICE_OF_MANY = {
    **dict.fromkeys(("LC", "HP", "QH", "RC", "TC", "WC"), 100),
    **dict.fromkeys(("LM", "TP", "QS", "RM", "TM", "WM"), 1_000),
    **dict.fromkeys(("LD", "PD", "RD", "TD", "WD"), 12),
    "PN": 10,
    "TT": 10_000,
    "HT": 100_000,
}
"""639, prices per dozen, hundred, thousand …: the number of pieces that the price is for."""

PRICE_OF_UNIT = {
    "HF": ("FT", 100),
    "ML": ("ML", 1),
    "PF": ("FT", 1),
    "PG": ("GR", 1),
    "PK": ("KG", 1),
    "PL": ("LT", 1),
    "PO": ("OZ", 1),
    "PP": ("LB", 1),
    "PT": ("TN", 1),
    "PY": ("YD", 1),
    "TF": ("FT", 1_000),
}
"""639, prices per a unit of their own (355), and how many of it."""

PIECES = {"DZ": 12, "GS": 144, "HU": 100, "TH": 1_000}
"""355, units that count pieces by the lot."""
