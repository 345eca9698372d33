#include "engine/session/chain_rule.h"

#include "engine/autograd/backward.h"
#include "engine/graph/grad_mode.h"
#include "engine/kernels/cpu/parallel.h"
#include "engine/record/snapshot.h"
#include "engine/session/chain_rule_numbers.h"

#include <algorithm>
#include <chrono>
#include <unordered_map>
#include <utility>

namespace hs::session {

namespace {

/// Operations that one operation is made of, one in the other.
constexpr std::size_t most_open = 64;

std::vector<trace::Snapshot> kept_of(std::span<const Tensor> tensors) {
    std::vector<trace::Snapshot> kept;
    for (const Tensor& one : tensors)
        kept.push_back(one.defined() ? record::snapshot(one) : trace::Snapshot());
    return kept;
}

std::size_t bytes_of(const std::vector<trace::Snapshot>& kept) {
    std::size_t bytes = 0;
    for (const trace::Snapshot& one : kept)
        bytes += one.bytes();
    return bytes;
}

bool holds_tensors(const ArgumentRef& argument) {
    if (argument.kind() != ArgumentRef::Kind::indices) return false;
    const Indices& indices = argument.indices();
    return std::any_of(indices.begin(), indices.end(),
                       [](const Index& one) { return std::holds_alternative<Tensor>(one); });
}

/// Nothing for what cannot be made again from copies.
std::optional<NodeCall> call_of(const OpCall& given) {
    NodeCall call;
    call.op = &given.op;
    call.tensors.resize(given.arguments.size());
    for (std::size_t i = 0; i < given.arguments.size(); ++i) {
        const ArgumentRef argument = given.arguments[i];
        if (holds_tensors(argument)) return std::nullopt;
        if (argument.is_tensor())
            call.tensors[i] = kept_of({&argument.tensor(), 1});
        else if (argument.kind() == ArgumentRef::Kind::tensors)
            call.tensors[i] = kept_of(argument.tensors());
        call.arguments.push_back(call.tensors[i].empty() ? Argument::copy_of(argument) : Argument());
    }
    return call;
}

} // namespace

/// What one step called. Written on the engine's thread, read on that of the ChainRules.
struct ChainRules::Calls {
    explicit Calls(std::int64_t of_step) : step(of_step) {}

    const std::int64_t step;
    std::mutex mutex;
    std::unordered_map<std::uint64_t, NodeCall> by_sequence_nr;
    std::size_t bytes = 0; ///< of the gradients
};

struct ChainRules::Listener::Hooks {
    explicit Hooks(std::shared_ptr<Calls> of) : calls(std::move(of)) {
        // In front of the Recorder, at whose hooks the engine waits while it is paused.
        before = ScopedHook(op_hooks().before.add([this](const OpCall& call) { before_op(call); }, true));
        after = ScopedHook(op_hooks().after.add([this](const OpCall& call) { after_op(call); }, true));
        node = ScopedHook(autograd::node_hooks().after.add(
            [this](const Node& ran, std::span<const Tensor> sent, std::span<const Tensor> incoming) {
                after_node(ran, sent, incoming);
            },
            true));
    }

    void before_op(const OpCall& call) {
        if (call.op.declaration().composite || !call.op.differentiable() || !grad_enabled()) return;
        if (open.size() >= most_open) open.clear(); // operations that threw left theirs
        open.emplace_back(&call.arguments, call_of(call).value_or(NodeCall()));
    }

    void after_op(const OpCall& call) {
        const auto found =
            std::find_if(open.rbegin(), open.rend(), [&](const auto& one) { return one.first == &call.arguments; });
        if (found == open.rend()) return;
        NodeCall kept = std::move(found->second);
        open.erase(std::prev(found.base()), open.end());
        if (!call.node || kept.op != &call.op) return;
        kept.outputs = kept_of(call.outputs);
        const std::lock_guard lock(calls->mutex);
        calls->by_sequence_nr.insert_or_assign(call.node->sequence_nr(), std::move(kept));
    }

    void after_node(const Node& ran, std::span<const Tensor> sent, std::span<const Tensor> incoming) {
        const std::lock_guard lock(calls->mutex);
        const auto found = calls->by_sequence_nr.find(ran.sequence_nr());
        if (ran.is_accumulate_grad() || found == calls->by_sequence_nr.end()) return;
        auto taken = kept_of(incoming);
        auto given = kept_of(sent);
        const std::size_t bytes = bytes_of(taken) + bytes_of(given);
        if (calls->bytes + bytes > keep_limit) return;
        calls->bytes += bytes;
        found->second.has_run = true;
        found->second.incoming = std::move(taken);
        found->second.sent = std::move(given);
    }

    const std::shared_ptr<Calls> calls;
    std::vector<std::pair<const Arguments*, NodeCall>> open;
    ScopedHook before;
    ScopedHook after;
    ScopedHook node;
};

ChainRules::Listener::Listener(std::shared_ptr<Calls> calls) : hooks_(std::make_unique<Hooks>(std::move(calls))) {}

ChainRules::Listener::~Listener() = default;

ChainRules::ChainRules() : thread_([this] { work(); }) {}

ChainRules::~ChainRules() {
    {
        const std::lock_guard lock(mutex_);
        quit_ = true;
        work_.notify_all();
    }
    thread_.join();
}

void ChainRules::ask(const ChainRule::Question& question) {
    const std::lock_guard lock(mutex_);
    question_ = question;
    work_.notify_all();
}

std::shared_ptr<const ChainRule> ChainRules::answer() const {
    const std::lock_guard lock(mutex_);
    return answer_;
}

bool ChainRules::is_answered() const {
    const std::lock_guard lock(mutex_);
    return !busy_ && !question_;
}

bool ChainRules::wait_until_answered(double seconds) {
    std::unique_lock lock(mutex_);
    return work_.wait_for(lock, std::chrono::duration<double>(seconds), [this] { return !busy_ && !question_; });
}

std::unique_ptr<ChainRules::Listener> ChainRules::listen(std::int64_t step, bool keeps_all) {
    if (!keeps_all && !holds_) return nullptr;
    holds_ = keeps_all;
    auto calls = keeps_all ? std::make_shared<Calls>(step) : nullptr;
    {
        const std::lock_guard lock(mutex_);
        calls_ = calls;
    }
    if (!calls) return nullptr;
    return std::make_unique<Listener>(std::move(calls));
}

void ChainRules::work() {
    set_num_threads(1); // the processor is the training's
    std::unique_lock lock(mutex_);
    for (;;) {
        work_.wait(lock, [this] { return quit_ || question_; });
        if (quit_) return;
        const ChainRule::Question question = *std::exchange(question_, std::nullopt);
        busy_ = true;
        lock.unlock();
        auto answer = answer_to(question);
        lock.lock();
        busy_ = false;
        answer_ = std::move(answer);
        work_.notify_all();
    }
}

std::shared_ptr<const ChainRule> ChainRules::answer_to(const ChainRule::Question& question) {
    std::shared_ptr<Calls> calls;
    {
        const std::lock_guard lock(mutex_);
        calls = calls_;
    }
    if (calls && calls->step == question.step) {
        std::optional<NodeCall> call;
        {
            const std::lock_guard lock(calls->mutex);
            const auto found = calls->by_sequence_nr.find(question.sequence_nr);
            if (found != calls->by_sequence_nr.end() && found->second.op->name() == question.operation)
                call = found->second;
        }
        if (call) return std::make_shared<const ChainRule>(chain_rule_of(*call, question));
    }
    ChainRule answer;
    answer.question = question;
    const std::vector<const Op*> ops = find_ops(question.operation);
    if (!ops.empty()) {
        answer.forward = ops.front()->declaration().forward;
        for (const GradientFormula& one : ops.front()->declaration().gradients)
            answer.inputs.push_back({one.input, one.formula, {}});
    }
    answer.problem =
        !calls || calls->step != question.step
            ? "what operations were called with is kept only of the newest step, and only where it was stepped "
              "through; F8 does such a step"
            : "what this operation was called with could not be kept";
    return std::make_shared<const ChainRule>(std::move(answer));
}

} // namespace hs::session
