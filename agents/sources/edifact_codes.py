"""The code lists of UN/EDIFACT that an order's meaning hangs on, each with its data element number."""

from __future__ import annotations

READ = ("ORDERS", "ORDCHG")
"""The messages that are read."""

MESSAGE_NAMES = {
    "APERAK": "application error and acknowledgement",
    "CONTRL": "syntax report",
    "DELFOR": "delivery schedule",
    "DELJIT": "just-in-time delivery",
    "DESADV": "despatch advice",
    "INVOIC": "invoice",
    "INVRPT": "inventory report",
    "OSTENQ": "order status enquiry",
    "OSTRPT": "order status report",
    "ORDRSP": "order response",
    "PARTIN": "party information",
    "PRICAT": "price catalogue",
    "QUOTES": "quotation",
    "RECADV": "receiving advice",
    "REMADV": "remittance advice",
    "REQOTE": "request for a quotation",
    "SLSRPT": "sales report",
}
"""0065, messages that are not orders."""

NO_DEMAND = {
    "221": "a blanket order, whose quantities are called off later",
    "231": "a response to an order",
    "258": "a standing order, whose deliveries are not said",
    "310": "an offer",
    "311": "a request for an offer",
    "325": "a pro forma invoice",
}
"""1001, names of documents that order nothing by themselves."""

ORDER_FUNCTIONS = {"", "6", "7", "9", "18", "42", "43", "47"}
"""1225, functions of a message that carries the whole order: confirmation, duplicate, original, resubmission,
confirmation by specific means, additional transmission, definitive. Whether that number was seen before, and with what
content, is for the intake to judge."""

CANCEL_FUNCTION, REPLACE_FUNCTION = "1", "5"
"""1225, cancellation, and replacement by a whole new version of an order."""

ADDITION, DELETION, CHANGE = "2", "3", "4"
"""1225, functions of a change, which hold for lines that do not say themselves what changes."""

CHANGE_FUNCTIONS = {"", ADDITION, DELETION, CHANGE, "7", "9", "18", "43"}
"""1225, functions of an ORDCHG whose lines say what changes."""

OTHER_FUNCTIONS = {
    "2": "an addition to an order: send it as ORDCHG",
    "3": "a deletion from an order: send it as ORDCHG",
    "4": "a change of an order: send it as ORDCHG",
    "8": "a status",
    "11": "a response",
    "13": "a request",
    "16": "a proposal",
    "17": "a cancellation to be reissued",
    "27": "a refusal",
    "31": "a copy",
    "46": "provisional",
}
"""1225, what some other functions say."""

LINE_ADDED, LINE_REMOVED, LINE_CHANGED, LINE_SAME, SCHEDULE_ONLY = "1", "2", "3", "4", "8"
"""1229, what is to be done with a line of a change."""

IN_AN_ORDER = {"", LINE_ADDED}
"""1229, of lines of an order that are ordered."""

ORDERED, DISCRETE = "21", "1"
"""6063, the ordered quantity; where it is missing, a discrete one is meant so."""

SHARES = {"11", "21", "113", "1"}
"""6063, the quantity of one delivery in a schedule or to one of several places: split, ordered, to be delivered."""

LINE_SHARES = {"11", "113"}
"""6063, quantities of one delivery where they stand on the line itself."""

FREE_GOODS = {"192", "193"}
"""6063, quantities without charge beside the ordered one."""

REQUESTED_DATES = ("2", "74", "63", "67", "76", "71", "10", "38", "37", "64")
"""2005, dates that say when delivery is wanted, the most telling first: delivery requested, prior to, latest, current
schedule, scheduled for, requested after; then shipment requested, not later, not before, and delivery earliest."""

ITEM_NUMBERS = ("SA", "VP", "VN", "IN", "BP", "EN", "SRV", "UP", "UA", "IB", "GB", "MF", "MP", "")
"""7143, product numbers that can name an item, best first: the supplier's (ours), the buyer's, GTINs (ISBN among them),
the maker's, and one of which nothing is said."""

OWN_NUMBERS = {"1", "5"}
"""4347, PIA segments that identify the article itself: additional and product identification."""

NET_PRICES = ("AAA", "NTP", "CAL")
"""5125, prices that a line's amount is reckoned with, best first: calculation net, net, calculation."""

GROSS_PRICES = ("AAB", "GRP")
"""5125, prices that allowances and charges of the line still change."""

FIRM = {"", "1", "7", "8", "10"}
"""4017, schedules that are ordered: firm, for a promotion, for a special demand, immediate."""

LINE_AMOUNT = "203"
"""5025, quantity × price of a line."""

LINES_AMOUNT, MESSAGE_AMOUNT = "79", "86"
"""5025, the sum of the lines' amounts, and that of the whole message."""

LINE_COUNT, QUANTITY_TOTAL = "2", "1"
"""6069, the number of lines, and the sum of their quantities."""

SHIP_TO = ("DP", "ST", "CN", "UC")
"""3035, parties that goods go to, the nearest to delivery first: delivery party, ship to, consignee, ultimate one."""

SUB_LINE = "1"
"""5495, a line that is part of another."""
