"""What a label is asked with, as published: the fields that matter here; the others may be sent and change nothing."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import Field

from tracking.api.wire import Number, Text, Wire


class OutputFormat(Wire):
    """Which file comes back."""

    outputPrintingType: Text = Field(default="", description="PDF_10x15_300dpi, ZPL_10x15_203dpi …")  # noqa: N815
    x: Text = ""
    y: Text = ""


class LabelAddress(Wire):
    """Somebody somewhere; line2 is the street."""

    companyName: Text = Field(default="", description="35 characters")  # noqa: N815
    lastName: Text = Field(default="", description="35 characters")  # noqa: N815
    firstName: Text = Field(default="", description="29 characters")  # noqa: N815
    line0: Text = Field(default="", description="floor, 35 characters")
    line1: Text = Field(default="", description="building, 35 characters")
    line2: Text = Field(default="", description="number and street, 35 characters")
    line3: Text = Field(default="", description="hamlet, 35 characters")
    countryCode: Text = Field(default="", description="ISO 3166, two letters")  # noqa: N815
    city: Text = Field(default="", description="35 characters")
    zipCode: Text = ""  # noqa: N815
    phoneNumber: Text = ""  # noqa: N815
    mobileNumber: Text = Field(default="", description="needed for a pickup point")  # noqa: N815
    doorCode1: Text = ""  # noqa: N815
    doorCode2: Text = ""  # noqa: N815
    intercom: Text = ""
    email: Text = Field(default="", description="needed for a pickup point")


class LabelService(Wire):
    """What is sent, and when."""

    productCode: Text = Field(default="", description="DOM, DOS, HD, COM, CDS, CORE …")  # noqa: N815
    depositDate: Text = Field(default="", description="YYYY-MM-DD, today or later")  # noqa: N815
    orderNumber: Text = Field(default="", description="30 characters; the client reference without senderParcelRef")  # noqa: N815
    commercialName: Text = Field(default="", description="needed for HD")  # noqa: N815


class LabelParcel(Wire):
    """The parcel itself."""

    weight: Number = Field(default="", description="kilograms, 0.01 to 30.00")
    instructions: Text = ""
    pickupLocationId: Text = Field(default="", description="needed for HD, else forbidden")  # noqa: N815


class LabelSender(Wire):
    """Who sends it; without an address, the account."""

    senderParcelRef: Text = Field(default="", description="the client reference")  # noqa: N815
    address: LabelAddress | None = None


class LabelAddressee(Wire):
    """Who gets it."""

    addresseeParcelRef: Text = ""  # noqa: N815
    address: LabelAddress | None = None


class Letter(Wire):
    """One parcel."""

    service: LabelService | None = None
    parcel: LabelParcel | None = None
    sender: LabelSender | None = None
    addressee: LabelAddressee | None = None


class Pair(Wire):
    """A further field by its published key."""

    key: Text = ""
    value: Text = ""


class Fields(Wire):
    """ACCOUNT_NUMBER: the account acted for. CUSER_INFO_TEXT: the tag. CUSTOMER_LABEL: printed on the label."""

    field: list[Pair] | None = None
    customField: list[Pair] | None = None  # noqa: N815


class LabelRequest(Wire):
    """One label to make, or to check."""

    contractNumber: Text = Field(default="", description="user name with a password; the account with a key")  # noqa: N815
    password: Text = ""
    outputFormat: OutputFormat | None = None  # noqa: N815
    letter: Letter | None = None
    fields: Fields | None = None

    def named(self, key: str) -> str:
        """A further field by its key; empty when it was not sent."""
        pairs = (self.fields.field or []) if self.fields else []
        return next((pair.value for pair in pairs if pair.key.upper() == key), "")


class ReprintRequest(Wire):
    """Which label once more."""

    parcelNumber: Text = ""  # noqa: N815
    outputPrintingType: Text = ""  # noqa: N815


class Message(Schema):
    """`0` when all went well; else a published error id, or the HTTP status where none is published."""

    id: str
    type: str
    messageContent: str  # noqa: N815
    replacementValues: list[dict[str, Any]]  # noqa: N815


class LabelMade(Schema):
    """The parcel that was franked."""

    parcelNumber: str | None  # noqa: N815
    parcelNumberPartner: str | None  # noqa: N815
    pdfUrl: str | None = None  # noqa: N815
    fields: dict[str, Any] | None = None


class LabelInfos(Schema):
    """The part `jsonInfos` of an answer, and the whole of one without a label."""

    messages: list[Message]
    labelXmlV2Reponse: None = None  # noqa: N815
    labelV2Response: LabelMade | None = None  # noqa: N815
    labelV31Response: LabelMade | None = None  # noqa: N815
