#include "engine/trace/ledger.h"
#include "tests/trace/recorded_step.h"

#include <QtTest>
#include <cmath>

using namespace hs;
using namespace hs::trace;

namespace {

using Kind = LedgerLine::Kind;

const ValueKey weight{Role::parameter, "layer", "weight"};
const ValueKey unused{Role::parameter, "layer", "unused"};

std::vector<LedgerLine> lines(const std::shared_ptr<const Trace>& trace, std::size_t position = SIZE_MAX,
                              const ValueKey& key = weight) {
    Ledger ledger = ledger_of(trace, position);
    return ledger[key];
}

std::string kinds(const std::vector<LedgerLine>& lines) {
    const char* names[] = {"none ", "zero ", "add ", "rewritten ", "read ", "left ", "pending "};
    std::string text;
    for (const LedgerLine& line : lines)
        text += names[static_cast<int>(line.kind)];
    return text;
}

/// Norms are summed in float32.
bool near(double value, double wanted) {
    return std::abs(value - wanted) < 1e-6;
}

void backward(RecordedSteps& steps) {
    sum(steps.net(steps.x)).backward();
}

} // namespace

class TestLedger : public QObject {
    Q_OBJECT

  private slots:
    void one_addition_and_who_read_it() {
        RecordedSteps steps;
        const auto trace = steps.step([&] {
            backward(steps);
            steps.sgd.step();
        });
        const auto found = lines(trace);
        QCOMPARE(kinds(found), std::string("add read "));
        QCOMPARE(found[0].step, std::int64_t{0});
        QCOMPARE(found[0].pass, 1);
        QCOMPARE(found[0].node.str(), std::string("MulBackward0"));
        QCOMPARE(found[0].module.str(), std::string("layer"));
        QVERIFY(near(found[0].norm, 3.0)); // the input's
        QVERIFY(near(found[0].total, 3.0));
        QVERIFY(trace->events[found[0].event].kind == EventKind::accumulate_grad);
        QVERIFY(near(found[1].total, 3.0));
        QVERIFY(trace->events[found[1].event].kind == EventKind::optimizer_begin);
        QCOMPARE(lines(trace, SIZE_MAX, unused).size(), std::size_t{0});
    }

    void each_path_is_a_line() {
        RecordedSteps steps;
        const auto trace = steps.step([&] {
            const Tensor penalty = sum(steps.net.layer.weight * Scalar(2));
            (sum(steps.net(steps.x)) + penalty).backward();
        });
        const auto found = lines(trace);
        QCOMPARE(kinds(found), std::string("add add "));
        QVERIFY(std::isnan(found[0].total));
        // d/dw (x w + 2 w) = x + 2 = (3, 4, 4)
        QVERIFY(std::abs(found[1].total - std::sqrt(41.0)) < 1e-5);
        QVERIFY(near(std::min(found[0].norm, found[1].norm), 3.0));
        QVERIFY(std::abs(std::max(found[0].norm, found[1].norm) - std::sqrt(12.0)) < 1e-5);
        QVERIFY(found[0].sender != found[1].sender);
        QVERIFY(found[0].pass == 1 && found[1].pass == 1);
        QVERIFY((found[0].module.empty()) != (found[1].module.empty()));
    }

    void passes_are_counted_and_add_up() {
        RecordedSteps steps;
        const auto trace = steps.step([&] {
            backward(steps);
            backward(steps);
            steps.sgd.step();
        });
        const auto found = lines(trace);
        QCOMPARE(kinds(found), std::string("add add read "));
        QVERIFY(found[0].pass == 1 && found[1].pass == 2);
        QVERIFY(near(found[0].norm, 3) && near(found[1].norm, 3));
        QVERIFY(near(found[0].total, 3) && near(found[1].total, 6));
    }

    void zero_grad_is_an_entry() {
        RecordedSteps steps;
        steps.step([&] { backward(steps); });
        const auto to_none = steps.step([&] {
            steps.sgd.zero_grad();
            backward(steps);
        });
        QCOMPARE(kinds(lines(to_none)), std::string("none add "));
        QVERIFY(near(lines(to_none)[1].total, 3.0));
        QVERIFY(to_none->events[lines(to_none)[0].event].kind == EventKind::zero_grad);
        const auto to_zero = steps.step([&] {
            steps.net.zero_grad(false);
            backward(steps);
        });
        QCOMPARE(kinds(lines(to_zero)), std::string("zero add "));
        QVERIFY(near(lines(to_zero)[0].total, 0.0));
        const auto at_the_end = steps.step([&] {
            steps.sgd.zero_grad();
            backward(steps);
            steps.sgd.step();
            steps.sgd.zero_grad();
        });
        QCOMPARE(kinds(lines(at_the_end)), std::string("none add read none "));
        // Nothing was there to be cleared.
        QCOMPARE(kinds(lines(steps.step([&] {
                     steps.sgd.zero_grad();
                     backward(steps);
                 }))),
                 std::string("add "));
    }

    void what_is_left_over_is_told() {
        RecordedSteps steps;
        LedgerBook book;
        book.take(steps.step([&] { backward(steps); }));
        QVERIFY(near(book.total_after(weight, 0), 3.0));
        const auto trace = steps.step([&] { backward(steps); });
        const auto before = [&](const ValueKey& key) { return book.total_after(key, 0); };
        const auto found = ledger_of(trace, SIZE_MAX, before)[weight];
        QCOMPARE(kinds(found), std::string("left add "));
        QVERIFY(near(found[0].total, 3.0));
        QVERIFY(near(found[1].norm, 3.0));
        QVERIFY(near(found[1].total, 6.0));
        // Not before a pass begins: zero_grad may come yet.
        QCOMPARE(ledger_of(trace, after_event(*trace, EventKind::module_enter), before)[weight].size(), std::size_t{0});
    }

    void what_is_written_between_passes_is_told() {
        RecordedSteps steps;
        const auto trace = steps.step([&] {
            backward(steps);
            const NoGrad scope;
            steps.net.layer.weight.mutable_grad().mul_(Scalar(0.5));
            steps.sgd.step();
        });
        const auto found = lines(trace);
        QCOMPARE(kinds(found), std::string("add rewritten read "));
        QVERIFY(near(found[1].total, 1.5));
        QVERIFY(near(found[2].total, 1.5));
    }

    void a_pass_under_way_is_pending() {
        RecordedSteps steps;
        const auto trace = steps.step([&] {
            const Tensor penalty = sum(steps.net.layer.weight * Scalar(2));
            (sum(steps.net(steps.x)) + penalty).backward();
        });
        const auto at_begin = lines(trace, after_event(*trace, EventKind::pass_begin));
        QCOMPARE(kinds(at_begin), std::string("pending "));
        QCOMPARE(at_begin[0].pass, 1);
        QCOMPARE(at_begin[0].arrived, 0u);
        QCOMPARE(at_begin[0].expected, 2u);
        QCOMPARE(lines(trace, after_event(*trace, EventKind::accumulate_grad) - 1)[0].arrived, 2u);
        QCOMPARE(kinds(lines(trace, after_event(*trace, EventKind::accumulate_grad))), std::string("add add "));
        QCOMPARE(lines(trace, 0).size(), std::size_t{0});
    }

    void a_step_without_its_graph_has_totals_only() {
        RecordedSteps steps;
        const auto trace = steps.step(
            [&] {
                backward(steps);
                steps.sgd.step();
            },
            record::Keep::nothing);
        const auto found = lines(trace);
        QCOMPARE(kinds(found), std::string("add read "));
        QVERIFY(found[0].node.empty() && std::isnan(found[0].norm));
        QVERIFY(near(found[0].total, 3.0));
    }

    void the_book_keeps_the_newest() {
        RecordedSteps steps;
        LedgerBook book(4);
        const auto run = [&] {
            steps.sgd.zero_grad();
            backward(steps);
        };
        for (int i = 0; i < 20; ++i)
            book.take(steps.step(run));
        QVERIFY(book.lines(weight).size() >= 4 && book.lines(weight).size() <= 8);
        QCOMPARE(book.lines(weight).back().step, std::int64_t{19});
        const std::size_t before = book.lines(weight).size();
        const auto last = steps.step(run);
        book.take(last);
        book.take(last); // once
        QCOMPARE(book.lines(weight).size(), before + 2 > 8 ? std::size_t{4} : before + 2);
        QCOMPARE(book.lines(unused).size(), std::size_t{0});
        RecordedSteps anew;
        book.take(anew.step([&] { backward(anew); }));
        QCOMPARE(book.lines(weight).size(), std::size_t{1});
        QCOMPARE(book.lines(weight).front().step, std::int64_t{0});
    }
};

QTEST_APPLESS_MAIN(TestLedger)
#include "tst_ledger.moc"
