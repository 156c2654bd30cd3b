from django.db import migrations, models
from django.db.models import F, Q

GUARD = """
CREATE FUNCTION an_issued_invoice_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'An issued invoice never changes: % on % was refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'an_issued_invoice_never_changes';
END
$$;
CREATE TRIGGER an_issued_invoice_never_changes
    BEFORE UPDATE OR DELETE ON memberships_invoice
    FOR EACH ROW EXECUTE FUNCTION an_issued_invoice_never_changes();
CREATE TRIGGER an_issued_invoice_never_changes
    BEFORE UPDATE OR DELETE ON memberships_invoiceline
    FOR EACH ROW EXECUTE FUNCTION an_issued_invoice_never_changes();
"""
UNGUARD = """
DROP TRIGGER an_issued_invoice_never_changes ON memberships_invoice;
DROP TRIGGER an_issued_invoice_never_changes ON memberships_invoiceline;
DROP FUNCTION an_issued_invoice_never_changes();
"""
# Checked at commit, when the lines are there: a line that comes later no longer adds up.
ADD_UP = """
CREATE FUNCTION the_lines_of_an_invoice_add_up_to_it() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    issued bigint;
BEGIN
    IF TG_TABLE_NAME = 'memberships_invoice' THEN
        issued := NEW.id;
    ELSE
        issued := NEW.invoice_id;
    END IF;
    PERFORM FROM memberships_invoice AS invoice
        LEFT JOIN memberships_invoiceline AS line ON line.invoice_id = invoice.id
        WHERE invoice.id = issued
        GROUP BY invoice.id
        HAVING invoice.net <> COALESCE(sum(line.net), 0) OR invoice.tax <> COALESCE(sum(line.tax), 0);
    IF FOUND THEN
        RAISE EXCEPTION 'The lines of invoice % do not add up to it.', issued
            USING ERRCODE = 'check_violation', CONSTRAINT = 'the_lines_of_an_invoice_add_up_to_it';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER the_lines_of_an_invoice_add_up_to_it
    AFTER INSERT ON memberships_invoice DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION the_lines_of_an_invoice_add_up_to_it();
CREATE CONSTRAINT TRIGGER the_lines_of_an_invoice_add_up_to_it
    AFTER INSERT ON memberships_invoiceline DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION the_lines_of_an_invoice_add_up_to_it();
"""
ADD_UP_NO_MORE = """
DROP TRIGGER the_lines_of_an_invoice_add_up_to_it ON memberships_invoice;
DROP TRIGGER the_lines_of_an_invoice_add_up_to_it ON memberships_invoiceline;
DROP FUNCTION the_lines_of_an_invoice_add_up_to_it();
"""


def call_what_is_below_zero_a_credit_note(apps, schema_editor):
    """Bills issued before there were types."""
    apps.get_model("memberships", "Invoice").objects.filter(net__lt=-F("tax")).update(type="credit_note")


class Migration(migrations.Migration):

    dependencies = [
        ('memberships', '0003_card_identifier'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='invoice',
            name='a_reverse_charge_has_no_tax',
        ),
        migrations.RemoveConstraint(
            model_name='invoice',
            name='only_a_credit_note_corrects',
        ),
        migrations.RunPython(call_what_is_below_zero_a_credit_note, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(
                condition=Q(reverse_charge=False) | Q(corrects__isnull=False) | Q(tax__lte=0),
                name='a_reverse_charge_asks_no_tax',
            ),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(
                condition=Q(type='credit_note', net__lt=-F('tax')) | Q(type='invoice', net__gte=-F('tax')),
                name='a_credit_note_is_below_zero_and_an_invoice_is_not',
            ),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
        migrations.RunSQL(ADD_UP, ADD_UP_NO_MORE),
    ]
