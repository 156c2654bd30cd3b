"""What the benchmark says of its samples. How fast anything is, no test asks."""

import pytest

from bench import report
from bench.measure import Figure, Goal, Line, Row, percentile
from bench.servers import Statements

OURS = Line(what="ours", unit="ms", blocks=[[2.0, 4.0], [6.0, 8.0]])
THEIRS = Line(what="theirs", unit="ms", blocks=[[1.0, 1.0], [4.0, 4.0]])


@pytest.mark.parametrize(("percent", "expected"), [(0, 1), (50, 2.5), (95, 4), (100, 4)])
def test_a_percentile_is_a_sample_but_for_the_median_of_an_even_number(percent, expected):
    assert percentile([4, 1, 3, 2], percent) == expected


def test_the_ratio_is_of_all_samples_and_its_spread_of_neighbouring_blocks():
    row = Row(ours=OURS, theirs=THEIRS)
    assert (row.ratio, row.ratios) == (2.0, [3.0, 1.75])


@pytest.mark.parametrize(
    ("theirs", "goal", "met"),
    [
        (THEIRS, Goal(most=2.0), True),
        (THEIRS, Goal(most=1.9), False),
        (THEIRS, Goal(least=2.1), False),
        (THEIRS, Goal(percent=100, most=2.0), True),
        (None, Goal(most=5.0), True),
        (None, Goal(most=4.9), False),
        (None, None, None),
    ],
)
def test_a_goal_is_about_the_ratio_where_there_is_an_alternative_else_about_the_figure(theirs, goal, met):
    assert Row(ours=OURS, theirs=theirs, goal=goal).met is met


def test_a_missed_goal_is_said_in_the_table_and_again_at_the_end():
    figure = Figure(
        title="Speed", settings=["as is"], rows=[Row(ours=OURS, theirs=THEIRS, goal=Goal(most=1))]
    )
    said = report.table(figure).splitlines()
    assert said[:2] == ["Speed", "  as is"]
    assert " ".join(said[-2].split()) == "ours ms 2 5 8 8 8 4 2x (1.8-3) p50 ≤ 1x MISSED"
    assert " ".join(said[-1].split()) == "beside theirs ms 1 2.5 4 4 4 4"
    assert list(report.missed([figure])) == ["Speed, ours: 2x (1.8-3), where the goal is p50 ≤ 1x"]


@pytest.mark.parametrize(
    ("sql", "queries", "commits"),
    [
        (["INSERT INTO a"], 1, 1),
        (["BEGIN", "INSERT INTO a", "SELECT 1", "COMMIT"], 2, 1),
        (["BEGIN", "INSERT INTO a", "ROLLBACK"], 1, 0),
        (["BEGIN", "SAVEPOINT s", "INSERT INTO a", "RELEASE SAVEPOINT s", "COMMIT", "SELECT 1"], 2, 2),
    ],
)
def test_statements_are_counted_without_those_about_the_transaction(sql, queries, commits):
    seen = Statements(all=sql)
    assert (len(seen.queries), seen.commits) == (queries, commits)
