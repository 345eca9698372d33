#include "engine/session/edits.h"
#include "engine/session/session.h"
#include "engine/trace/moment.h"
#include "tests/session/small_training.h"

#include <QtTest>

using namespace hs;
using namespace hs::session;
using trace::Role;
using trace::ValueKey;

namespace {

const ValueKey weight{Role::parameter, "first", "weight"};

struct Paused {
    Paused() {
        session = std::make_unique<Session>(
            [this](std::uint64_t seed) {
                auto made = std::make_unique<SmallTraining>(seed);
                training = made.get();
                return made;
            },
            Session::Options());
        settle();
    }
    void settle() const { QVERIFY(session->wait_until_stopped(20)); }
    double step() const {
        session->step();
        settle();
        return session->status().loss;
    }
    std::string stand_at(Goal goal) const {
        session->step_to(goal);
        settle();
        return session->status().event;
    }
    EditRecord apply(const Edit& edit) const {
        const std::uint64_t id = session->edits().apply(edit);
        settle();
        return record(id);
    }
    EditRecord undo(std::uint64_t id) const {
        session->edits().undo(id);
        settle();
        return record(id);
    }
    EditRecord redo(std::uint64_t id) const {
        session->edits().redo(id);
        settle();
        return record(id);
    }
    EditRecord record(std::uint64_t id) const {
        const auto edits = session->edits().table();
        for (const EditRecord& record : edits->records)
            if (record.id == id) return record;
        return {};
    }
    /// The element as the newest Trace shows it.
    double shown(const ValueKey& key, std::int64_t position) const {
        const auto trace = session->trace();
        const trace::Id id = trace->find(key);
        return id == trace::none ? -1e9 : trace->values[id].snapshot.at(position);
    }
    std::vector<float> first_weight() const { return training->net().first.weight.to_vector<float>(); }

    SmallTraining* training = nullptr;
    std::unique_ptr<Session> session;
};

Edit fill(const ValueKey& key, double number) {
    return {.kind = EditKind::fill, .key = key, .number = number};
}

} // namespace

class TestEdits : public QObject {
    Q_OBJECT

  private slots:
    void an_element_between_two_steps() {
        const Paused with;
        with.step();
        const auto trace = with.session->trace();
        const double old = with.shown(weight, 1);
        const EditRecord made = with.apply({.kind = EditKind::element, .key = weight, .position = 1, .number = 0.5});
        QCOMPARE(made.state, EditState::applied);
        QCOMPARE(made.text, std::string("first.weight[1] = 0.5"));
        QCOMPARE(made.event, trace::none);
        QCOMPARE(with.first_weight()[1], 0.5F);
        QCOMPARE(with.shown(weight, 1), 0.5);
        // The Trace of before is another one, and shows what was.
        QVERIFY(with.session->trace() != trace && with.session->trace()->finished());
        QCOMPARE(trace->values[trace->find(weight)].snapshot.at(1), old);
        QCOMPARE(with.session->trace()->result().loss, trace->result().loss);
        QCOMPARE(with.session->trace()->edges.size(), trace->edges.size());

        QCOMPARE(with.undo(made.id).state, EditState::undone);
        QCOMPARE(with.shown(weight, 1), old);
        QCOMPARE(with.redo(made.id).state, EditState::applied);
        QCOMPARE(with.first_weight()[1], 0.5F);
        QCOMPARE(with.redo(made.id).state, EditState::applied); // already there: nothing
    }

    void training_goes_on_with_it() {
        const Paused plain, edited, back;
        plain.step();
        edited.step();
        back.step();
        const EditRecord made = back.apply({.kind = EditKind::scale, .key = weight, .number = 2});
        edited.apply({.kind = EditKind::scale, .key = weight, .number = 2});
        back.undo(made.id);
        const double loss = plain.step();
        QVERIFY(edited.step() != loss);
        QCOMPARE(back.step(), loss); // bit for bit as if nothing had been
        QCOMPARE(back.first_weight(), plain.first_weight());
    }

    void what_was_written_since_cannot_be_taken_back() {
        const Paused with;
        with.step();
        const EditRecord made = with.apply(fill(weight, 1));
        const EditRecord second = with.apply(fill(weight, 2));
        QCOMPARE(with.undo(made.id).problem, std::string("first.weight was written since"));
        with.undo(second.id);
        QCOMPARE(with.undo(made.id).state, EditState::undone);
        with.redo(made.id);
        with.step();
        const auto now = with.first_weight();
        const EditRecord late = with.undo(made.id);
        QCOMPARE(late.state, EditState::applied);
        QCOMPARE(late.problem, std::string("first.weight was written since"));
        QCOMPARE(with.first_weight(), now);
    }

    void an_activation_where_it_is_made() {
        const Paused with;
        with.stand_at(Goal::event);
        with.stand_at(Goal::event);
        QCOMPARE(with.stand_at(Goal::over), std::string("leave first"));
        const ValueKey output{Role::output, "first", ""};
        const EditRecord made = with.apply(fill(output, 3));
        QCOMPARE(made.state, EditState::applied);
        QVERIFY(made.event != trace::none);
        QCOMPARE(with.shown(output, 7), 3.0);
        QCOMPARE(with.stand_at(Goal::event), std::string("enter block"));
        while (with.stand_at(Goal::event) != "leave block.square") {
        }
        QCOMPARE(with.shown({Role::output, "block.square", ""}, 7), 9.0);
        // Its time is over.
        QCOMPARE(with.undo(made.id).problem, std::string("first output is used up: the engine went on"));
        QCOMPARE(with.apply(fill(output, 4)).problem,
                 std::string("first output can be edited where it has just been made: step to that event"));
        with.step();
        QCOMPARE(with.session->status().step, std::int64_t{1});
    }

    void the_result_of_an_operation_and_an_input() {
        const Paused with;
        with.stand_at(Goal::event);
        const ValueKey input{Role::input, "", ""};
        QCOMPARE(with.apply({.kind = EditKind::element, .key = input, .position = 4, .number = 7}).text,
                 std::string("input[1, 1] = 7"));
        QCOMPARE(with.shown(input, 4), 7.0);
        QCOMPARE(with.stand_at(Goal::operation), std::string("forward mul in first"));
        const ValueKey product{Role::intermediate, "first", "mul"};
        QCOMPARE(with.shown(product, 4), static_cast<double>(7.0F * with.first_weight()[1]));
        QCOMPARE(with.apply(fill(product, 0)).state, EditState::applied);
        with.stand_at(Goal::out);
        QCOMPARE(with.shown({Role::output, "first", ""}, 4), 0.0); // the bias is zero
    }

    void a_gradient_that_came_to_rest() {
        const Paused with;
        const auto before = with.first_weight();
        while (with.stand_at(Goal::accumulation) != "accumulate first.weight.grad") {
        }
        const ValueKey gradient{Role::gradient, "first", "weight"};
        QCOMPARE(with.apply(fill(gradient, 100)).state, EditState::applied);
        QCOMPARE(with.shown(gradient, 0), 100.0);
        with.session->step();
        with.settle();
        QVERIFY(std::abs(with.first_weight()[0] - (before[0] - 1)) < 1e-5F); // lr 0.01
        const EditRecord none = Paused().apply(fill(gradient, 1));
        QCOMPARE(none.problem, std::string("first.weight.grad is None"));
    }

    void a_weight_in_the_middle_keeps_its_version() {
        const Paused with;
        with.stand_at(Goal::backward_pass);
        const auto version = with.training->net().block.scale.weight.version();
        with.apply(fill({Role::parameter, "block.scale", "weight"}, 0));
        QCOMPARE(with.training->net().block.scale.weight.version(), version);
        with.stand_at(Goal::optimizer); // a changed version would have been refused
        QCOMPARE(with.session->status().state, State::paused);
        QCOMPARE(sum(with.training->net().first.weight.grad()).item<double>(), 0.0);
    }

    void modes_and_their_undoing() {
        const Paused with;
        nn::Module& net = with.training->net();
        with.apply({.kind = EditKind::training, .key = {Role::output, "block.square", ""}, .flag = false});
        const EditRecord all = with.apply({.kind = EditKind::training, .key = {Role::output, "", ""}, .flag = false});
        QCOMPARE(all.text, std::string("model.eval()"));
        QVERIFY(!net.is_training() && !net.get_submodule("first").is_training());
        QVERIFY(!(*with.session->edits().table()->modules)[1].training);
        QCOMPARE((*with.session->edits().table()->modules)[1].hook_count, 0);
        with.undo(all.id);
        QVERIFY(net.is_training() && net.get_submodule("block").is_training());
        QVERIFY(!net.get_submodule("block.square").is_training());
        QVERIFY((*with.session->edits().table()->modules)[1].training);
        with.redo(all.id);
        QVERIFY(!net.is_training());
    }

    void requires_grad_of_a_parameter() {
        const Paused with;
        const auto before = with.first_weight();
        const EditRecord made = with.apply({.kind = EditKind::requires_grad, .key = weight, .flag = false});
        QCOMPARE(made.text, std::string("first.weight.requires_grad = False"));
        with.step();
        QCOMPARE(with.first_weight(), before);
        with.undo(made.id);
        with.step();
        QVERIFY(with.first_weight() != before);
    }

    void what_does_not_fit_is_refused_with_pytorchs_text() {
        const Paused with;
        with.step();
        const auto before = with.first_weight();
        const auto refused = [&](const Edit& edit) {
            const EditRecord made = with.apply(edit);
            return made.state == EditState::refused ? made.problem : "not refused";
        };
        QCOMPARE(refused({.kind = EditKind::assign, .key = weight, .values = {1, 2}, .shape = {2}}),
                 std::string("The size of tensor a (3) must match the size of tensor b (2) at non-singleton "
                             "dimension 0"));
        QCOMPARE(refused({.kind = EditKind::assign, .key = weight, .values = {1, 2}, .shape = {3}}),
                 std::string("shape '[3]' is invalid for input of size 2"));
        QCOMPARE(refused({.kind = EditKind::element, .key = weight, .position = 3}),
                 std::string("index 3 is out of bounds for dimension 0 with size 3"));
        QVERIFY(!refused(fill({Role::parameter, "first", "nothing"}, 1)).empty());
        QVERIFY(!refused({.kind = EditKind::training, .key = {Role::output, "no.such", ""}}).empty());
        QCOMPARE(with.first_weight(), before);
        const EditRecord assigned =
            with.apply({.kind = EditKind::assign, .key = weight, .values = {1, 2, 3}, .shape = {3}});
        QCOMPARE(assigned.state, EditState::applied);
        QCOMPARE(with.first_weight(), std::vector<float>({1, 2, 3}));
    }

    void another_training_knows_nothing_of_them() {
        const Paused with;
        const EditRecord made = with.apply(fill(weight, 1));
        with.session->reset(7);
        with.settle();
        QVERIFY(with.session->edits().table()->records.empty());
        QCOMPARE(with.undo(made.id).problem,
                 std::string("the edit belongs to a training that is gone, or is too long ago"));
        QVERIFY(with.first_weight() != std::vector<float>(3, 1.0F));
    }
};

QTEST_GUILESS_MAIN(TestEdits)
#include "tst_edits.moc"
