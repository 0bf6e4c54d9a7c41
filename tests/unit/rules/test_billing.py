"""What access needs of subscriptions and invoices is read from what the fold made of them."""

from shared.rules.billing import Folded, subscriptions_of
from shared.rules.fold import fold
from tests.factories.facts import placed


def folded(*names, **changes):
    result = fold(placed(name, **changes) for name in names)
    return Folded(subject_id=placed(names[0], **changes).fact.subject_id, state=result.state)


def test_an_invoice_is_put_to_its_subscription():
    invoice = folded("basil/invoice.payment_failed")
    (one,) = subscriptions_of([], [invoice])
    assert one.status is None
    assert one.bills[0].first_failed_at.isoformat() == invoice.state["first_failed_at"]
    found = subscriptions_of(
        [folded("basil/customer.subscription.created", **{"data.object.id": "sub_other"})], [invoice]
    )
    assert sorted(str(one.status) for one in found) == ["None", "active"]


def test_an_invoice_of_no_subscription_is_left_aside():
    assert subscriptions_of([], [Folded(subject_id="in_1", state={"status": "open", "subscription": None})]) == ()


def test_an_invoice_of_nothing_is_no_payment_and_one_paid_by_other_means_is():
    states = [{"amount_paid": 0}, {"amount_paid": 0, "paid_out_of_band": True}, {"amount_paid": 900}, {}]
    (one,) = subscriptions_of(
        [],
        [Folded(subject_id=str(number), state={"subscription": "s", **state}) for number, state in enumerate(states)],
    )
    assert [bill.is_payment for bill in one.bills] == [False, True, True, True]


def test_a_void_invoice_is_void_since_it_became_so():
    (one,) = subscriptions_of([], [folded("basil/invoice.voided", **{"data.object.id": "in_9"})])
    assert one.bills[0].void_at is not None
