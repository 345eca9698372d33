#include "engine/session/scratch.h"
#include "engine/session/session.h"
#include "engine/trace/moment.h"
#include "engine/trace/wavefront.h"

#include <QtTest>

using namespace hs;
using namespace hs::session;

namespace {

const char* const classic = "w = tensor([1.], requires_grad=True)\n"
                            "x = tensor([2.], requires_grad=True)\n"
                            "a = x + w\n"
                            "b = w + 1\n"
                            "y = a * b\n"
                            "y.backward()\n"
                            "w.grad\n"
                            "y.grad\n";

struct Bench {
    std::shared_ptr<ScratchPad> pad = std::make_shared<ScratchPad>();
    std::unique_ptr<Session> session;

    explicit Bench(const std::string& text, std::vector<ScratchQuestion> questions = {}) {
        pad->set(text, std::move(questions));
        session = open_scratch(pad);
        Watch watch;
        watch.level = Level::summaries;
        session->set_watch(watch);
        step();
    }
    void step() {
        session->step();
        if (!session->wait_until_stopped(20)) throw std::runtime_error("it did not stop");
    }
    std::shared_ptr<const ScratchRun> run() const { return pad->run(); }
    std::string shown(std::size_t line) const { return run()->lines.at(line).shown; }
};

std::string last_by(const std::vector<ScratchChange>& changes, const ScratchMark& moment) {
    std::string found = "-";
    for (const ScratchChange& change : changes)
        if (change.at.by(moment)) found = change.text;
    return found;
}

const ScratchTensor& tensor_named(const ScratchRun& run, const std::string& name) {
    for (const ScratchTensor& tensor : run.tensors)
        if (!tensor.names.empty() && tensor.names.back().text == name) return tensor;
    throw std::runtime_error("no tensor " + name);
}

} // namespace

class TestScratch : public QObject {
    Q_OBJECT

  private slots:
    void shows_what_each_line_gave() {
        const Bench bench(classic);
        QCOMPARE(bench.session->status().message, std::string());
        QCOMPARE(bench.run()->lines.size(), std::size_t{8});
        QCOMPARE(bench.shown(6), std::string("tensor([5.])"));
        QCOMPARE(bench.shown(7), std::string("None"));
        QCOMPARE(bench.shown(5), std::string());
        QVERIFY(bench.run()->lines[6].is_gradient);
        QVERIFY(QString::fromStdString(bench.run()->lines[7].warnings.at(0)).startsWith("The .grad attribute"));
        QCOMPARE(bench.run()->formula, std::string("y = a * b"));
    }

    void every_step_is_the_same() {
        Bench bench(classic);
        for (int i = 0; i < 3; ++i) {
            bench.step();
            QCOMPARE(bench.shown(6), std::string("tensor([5.])"));
            QCOMPARE(bench.run()->tensors.size(), std::size_t{6});
        }
        Bench random("a = randn(3)\na\nd = Dropout()\nd(ones(4))");
        const std::string first = random.shown(1), dropped = random.shown(3);
        random.step();
        QCOMPARE(random.shown(1), first);
        QCOMPARE(random.shown(3), dropped);
    }

    void records_under_the_names_of_the_lines() {
        const Bench bench(classic);
        const auto trace = bench.session->trace();
        QVERIFY(trace && trace->keeps_all);
        QCOMPARE(trace->modules->front().members.size(), std::size_t{2});
        QCOMPARE(trace->modules->front().members[0].name, std::string("w"));
        const trace::Id grad = trace->find({trace::Role::gradient, "", "w"});
        QVERIFY(grad != trace::none);
        QCOMPARE(trace->values[grad].snapshot.at(0), 5.0);
        int backward = 0, sums = 0, accumulated = 0;
        for (std::size_t i = 0; i < trace->events.size(); ++i) {
            backward += trace->events[i].kind == trace::EventKind::backward;
            sums += trace->events[i].kind == trace::EventKind::grad_sum;
            accumulated += trace->events[i].kind == trace::EventKind::accumulate_grad;
        }
        QCOMPARE(backward, 3);
        QCOMPARE(sums, 1);
        QCOMPARE(accumulated, 2);
    }

    void the_graph_follows_the_moment() {
        const Bench bench(classic);
        const auto trace = bench.session->trace();
        const auto run = bench.run();
        const ScratchTensor &w = tensor_named(*run, "w"), &y = tensor_named(*run, "y");
        QCOMPARE(w.kind, ScratchTensor::Kind::leaf);
        QCOMPARE(y.kind, ScratchTensor::Kind::non_leaf);
        QCOMPARE(y.grad_fn, std::string("MulBackward0"));
        const ScratchMark begin = mark_at(*trace, 0), end = mark_at(*trace, trace->events.size());
        QVERIFY(!y.made.by(begin) && y.made.by(end));
        QCOMPARE(last_by(w.grads, begin), std::string("None"));
        QCOMPARE(last_by(w.grads, end), std::string("5"));
        QCOMPARE(last_by(y.values, end), std::string("6"));
        QCOMPARE(last_by(y.arrived, end), std::string("1"));
        // The gradients on the edges, in the order in which they went.
        std::vector<std::string> sent;
        for (std::size_t position = 0; position <= trace->events.size(); ++position)
            for (const ScratchEdge& edge : run->edges)
                for (const ScratchChange& change : edge.gradients)
                    if (change.at.by(mark_at(*trace, position)) &&
                        (position == 0 || !change.at.by(mark_at(*trace, position - 1))))
                        sent.push_back(change.text);
        QCOMPARE(sent, (std::vector<std::string>{"2", "3", "3", "2", "2"}));
    }

    void the_graph_is_complete_while_it_is_paused_inside() {
        Bench bench(classic);
        bench.session->step_to(Goal::node);
        QVERIFY(bench.session->wait_until_stopped(20));
        QCOMPARE(bench.session->status().event, std::string("backward MulBackward0"));
        const auto run = bench.run();
        QCOMPARE(last_by(tensor_named(*run, "w").grads, {9, 9, 9, 9}), std::string("None"));
        int passed = 0;
        for (const ScratchEdge& edge : run->edges)
            passed += static_cast<int>(edge.gradients.size());
        QCOMPARE(passed, 2); // to a and to b
        QCOMPARE(run->lines.size(), std::size_t{5});
    }

    void says_where_an_error_is_and_goes_on_working() {
        Bench bench("x = tensor([1.])\ny = x + z\nw = 2");
        QCOMPARE(bench.session->status().state, State::paused);
        QCOMPARE(bench.run()->error->line, 2);
        QCOMPARE(bench.run()->error->column, 9);
        QCOMPARE(bench.run()->error->text, std::string("name 'z' is not defined"));
        QCOMPARE(bench.run()->lines.size(), std::size_t{1});
        bench.pad->set("x = (1");
        bench.session->reset(7);
        bench.step();
        QCOMPARE(bench.run()->error->line, 1);
        bench.pad->set("1 + 1");
        bench.session->reset(7);
        bench.step();
        QVERIFY(!bench.run()->error);
        QCOMPARE(bench.shown(0), std::string("2"));
    }

    void optimizers_hooks_and_modules_begin_anew() {
        Bench bench("manual_seed(1)\nnet = Linear(2, 1)\nnet.register_forward_hook((m, i, o) -> print('hook'))\n"
                    "sgd = SGD(net.parameters(), lr=0.1, momentum=0.9)\nnet(ones(1, 2)).backward()\nsgd.step()\n"
                    "net.weight.grad\nnet.weight\nnet.eval()\nnet.weight._version");
        const auto first = *bench.run();
        QVERIFY(!first.error);
        for (int i = 0; i < 2; ++i) {
            bench.step();
            QCOMPARE(bench.run()->lines[4].printed, std::vector<std::string>{"hook"});
            QCOMPARE(bench.shown(6), std::string("tensor([[1., 1.]])"));
            QCOMPARE(bench.shown(7), first.lines[7].shown);
            QCOMPARE(bench.shown(9), first.lines[9].shown);
        }
        const auto trace = bench.session->trace();
        QCOMPARE(trace->modules->back().path, std::string("net"));
        QVERIFY(trace->find({trace::Role::parameter, "net", "weight"}) != trace::none);
        int updates = 0;
        for (std::size_t i = 0; i < trace->events.size(); ++i)
            updates += trace->events[i].kind == trace::EventKind::parameter_update;
        QCOMPARE(updates, 2);
    }

    void a_second_leaf_of_the_name_is_another_one() {
        Bench bench("w = tensor([1.], requires_grad=True)\ny = w * 2\nw = tensor([5.], requires_grad=True)\n"
                    "y.backward()\nw.grad\nv = w\nv is w");
        bench.step();
        QCOMPARE(bench.shown(4), std::string("None"));
        QCOMPARE(bench.shown(6), std::string("True"));
        QCOMPARE(bench.session->trace()->modules->front().members.size(), std::size_t{2});
    }

    void answers_are_of_the_line_they_stand_behind() {
        const Bench bench(classic, {{2, "w.grad"}, {6, "w.grad.item()"}, {8, "y.shape"}, {8, "nothing"}});
        const auto answers = bench.run()->answers;
        QCOMPARE(answers[0].text, std::string("None"));
        QCOMPARE(*answers[1].number, 5.0);
        QCOMPARE(answers[2].text, std::string("torch.Size([1])"));
        QCOMPARE(answers[3].error, std::string("name 'nothing' is not defined"));
    }

    void many_tensors_are_cut_off_and_said() {
        std::string text = "x = tensor([1.], requires_grad=True)\n";
        for (int i = 0; i < 100; ++i)
            text += "x = x * 2\n";
        const Bench bench(text);
        QVERIFY(bench.run()->too_large);
        QVERIFY(bench.run()->tensors.size() <= 60);
        QVERIFY(!bench.run()->error);
    }

    void survives_a_text_that_changes_all_the_time() {
        Bench bench(classic);
        for (int i = 0; i < 200; ++i) {
            bench.pad->set(std::string(classic).substr(0, static_cast<std::size_t>(i)));
            bench.session->reset(7);
            if (i % 3 == 0) bench.session->step_to(Goal::event);
            if (i % 7 == 0) bench.session->step();
        }
        bench.pad->set("3 * 4");
        bench.session->reset(7);
        bench.step();
        QTRY_COMPARE(bench.shown(0), std::string("12"));
    }
};

QTEST_APPLESS_MAIN(TestScratch)
#include "tst_scratch.moc"
