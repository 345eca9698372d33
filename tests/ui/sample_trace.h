#pragma once

// A LeNet's training step made by hand, and a TraceSource that plays it: what views are tested on without an engine.

#include "engine/tensor/block.h"
#include "engine/trace/history.h"
#include "engine/trace/trace.h"
#include "ui/models/trace_source.h"

#include <cmath>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace hs::ui::sample {

struct Layer {
    const char* path;
    const char* type;
    const char* extra;
    Shape output;
    std::vector<trace::Member> members;
};

inline trace::Member parameter(const char* name, Shape shape) {
    const std::int64_t count = element_count(shape);
    return {name, std::move(shape), Dtype::float32, false, true, count};
}

inline std::vector<Layer> layers() {
    return {
        {"", "LeNet", "", {64, 10}, {}},
        {"stage1", "Sequential", "", {64, 6, 14, 14}, {}},
        {"stage1.conv1",
         "Conv2d",
         "1, 6, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2)",
         {64, 6, 28, 28},
         {parameter("weight", {6, 1, 5, 5}), parameter("bias", {6})}},
        {"stage1.relu1", "ReLU", "", {64, 6, 28, 28}, {}},
        {"stage1.pool1", "MaxPool2d", "kernel_size=2, stride=2", {64, 6, 14, 14}, {}},
        {"stage2", "Sequential", "", {64, 16, 5, 5}, {}},
        {"stage2.conv2",
         "Conv2d",
         "6, 16, kernel_size=(5, 5), stride=(1, 1)",
         {64, 16, 10, 10},
         {parameter("weight", {16, 6, 5, 5}), parameter("bias", {16})}},
        {"stage2.relu2", "ReLU", "", {64, 16, 10, 10}, {}},
        {"stage2.pool2", "MaxPool2d", "kernel_size=2, stride=2", {64, 16, 5, 5}, {}},
        {"head", "Sequential", "", {64, 10}, {}},
        {"head.flatten", "Flatten", "start_dim=1, end_dim=-1", {64, 400}, {}},
        {"head.fc1",
         "Linear",
         "in_features=400, out_features=120, bias=True",
         {64, 120},
         {parameter("weight", {120, 400}), parameter("bias", {120})}},
        {"head.relu3", "ReLU", "", {64, 120}, {}},
        {"head.fc2",
         "Linear",
         "in_features=120, out_features=84, bias=True",
         {64, 84},
         {parameter("weight", {84, 120}), parameter("bias", {84})}},
        {"head.relu4", "ReLU", "", {64, 84}, {}},
        {"head.fc3",
         "Linear",
         "in_features=84, out_features=10, bias=True",
         {64, 10},
         {parameter("weight", {10, 84}), parameter("bias", {10})}},
    };
}

inline std::shared_ptr<trace::ModuleTable> modules() {
    auto table = std::make_shared<trace::ModuleTable>();
    for (const Layer& layer : layers()) {
        trace::Module module;
        module.path = layer.path;
        const std::size_t dot = module.path.rfind('.');
        module.name = module.path.empty() ? layer.type : module.path.substr(dot == std::string::npos ? 0 : dot + 1);
        module.type = layer.type;
        module.extra = layer.extra;
        module.members = layer.members;
        const std::string parent = dot == std::string::npos ? "" : module.path.substr(0, dot);
        for (trace::Id i = 0; !module.path.empty() && i < table->size(); ++i)
            if ((*table)[i].path == parent) module.parent = i;
        table->push_back(std::move(module));
    }
    for (std::size_t i = table->size(); i-- > 0;) {
        trace::Module& module = (*table)[i];
        for (const trace::Member& member : module.members)
            module.parameter_count += member.count;
        if (module.parent != trace::none) (*table)[module.parent].parameter_count += module.parameter_count;
    }
    return table;
}

/// A snapshot whose element i is fill(i).
inline trace::Snapshot snapshot(const Shape& shape, const std::function<float(std::int64_t)>& fill) {
    const std::int64_t count = element_count(shape);
    const Ref<Block> block = Block::allocate(static_cast<std::size_t>(count) * sizeof(float));
    for (std::int64_t i = 0; i < count; ++i) {
        const float value = fill(i);
        std::memcpy(block->data() + static_cast<std::size_t>(i) * sizeof(float), &value, sizeof value);
    }
    return {block, Dtype::float32, shape, contiguous_strides(shape), 0};
}

inline trace::Summary summaryOf(const trace::Snapshot& values, bool gradient) {
    trace::Summary summary;
    summary.count = values.count();
    double sum = 0, squares = 0;
    summary.min = 1e300;
    summary.max = -1e300;
    for (std::int64_t i = 0; i < values.count(); ++i) {
        const double value = values.at(i);
        if (std::isnan(value)) {
            ++summary.nan;
            continue;
        }
        sum += value;
        squares += value * value;
        summary.min = std::min(summary.min, value);
        summary.max = std::max(summary.max, value);
        summary.zeros += value == 0;
    }
    const auto n = static_cast<double>(summary.count - summary.nan);
    if (n == 0) summary.min = summary.max = 0;
    summary.mean = n > 0 ? sum / n : 0;
    summary.std = n > 1 ? std::sqrt(std::max(0.0, (squares - sum * sum / n) / (n - 1))) : 0;
    summary.norm = std::sqrt(squares);
    if (gradient)
        summary.range = {trace::BinScale::symmetric_log, 1e-8, 1};
    else
        summary.range = {trace::BinScale::linear, summary.min,
                         summary.max > summary.min ? summary.max : summary.min + 1};
    for (std::int64_t i = 0; i < values.count(); ++i)
        if (std::isfinite(values.at(i)))
            ++summary.bins[static_cast<std::size_t>(trace::bin_of(summary.range, values.at(i)))];
    return summary;
}

/// Something that looks like noise and is always the same.
inline float noise(std::int64_t i) {
    const double x = std::sin(static_cast<double>(i) * 12.9898 + 4.1) * 43758.5453;
    const double y = std::sin(static_cast<double>(i) * 78.233 + 1.7) * 12345.678;
    return static_cast<float>((x - std::floor(x)) + (y - std::floor(y)) - 1);
}

inline trace::Id add(trace::Trace& trace, trace::Value value, const trace::Snapshot& bytes, bool gradient) {
    value.shape = bytes.shape();
    value.snapshot = bytes;
    const auto id = static_cast<trace::Id>(trace.values.append(std::move(value)));
    const auto summary = static_cast<trace::Id>(trace.summaries.append({id, summaryOf(bytes, gradient)}));
    trace.events.append({trace::EventKind::summary, trace::none, trace::none, id, summary, 0, 0});
    return id;
}

inline void addParameters(trace::Trace& trace, const Layer& layer, double wobble) {
    for (const trace::Member& member : layer.members) {
        const double scale = 1.0 / std::sqrt(static_cast<double>(member.count) / static_cast<double>(member.shape[0]));
        trace::Value value;
        value.key = {trace::Role::parameter, layer.path, member.name};
        value.requires_grad = value.has_grad = true;
        value.version = static_cast<std::uint32_t>(trace.step);
        add(trace, value, snapshot(member.shape, [&](auto i) { return noise(i) * static_cast<float>(scale); }), false);
        trace::Value gradient;
        gradient.key = {trace::Role::gradient, layer.path, member.name};
        add(trace, gradient,
            snapshot(
                member.shape,
                [&](auto i) { return noise(i + 77) * std::abs(noise(i * 3)) * static_cast<float>(0.02 * wobble); }),
            true);
    }
}

/// One finished step. `nanModule`: the output of that module is full of NaN.
inline std::shared_ptr<trace::Trace> step(std::int64_t number, const std::shared_ptr<const trace::ModuleTable>& table,
                                          const std::string& nanModule = "-") {
    auto trace = std::make_shared<trace::Trace>(number, table);
    const double wobble = 1 + 0.3 * std::sin(static_cast<double>(number) * 0.7);
    trace::Value input;
    input.key = {trace::Role::input, "", ""};
    add(*trace, input, snapshot({64, 1, 28, 28}, [](auto i) { return std::max(0.0f, noise(i)); }), false);
    std::int64_t now = 0;
    const auto all = layers();
    for (trace::Id at = 0; at < all.size(); ++at) {
        const Layer& layer = all[at];
        const bool relu = std::string(layer.type) == "ReLU";
        trace::Value output;
        output.key = {trace::Role::output, layer.path, ""};
        output.requires_grad = true;
        output.is_leaf = false;
        output.grad_fn = std::string(layer.type) == "Conv2d" ? "ConvolutionBackward0" : "AddmmBackward0";
        const bool bad = nanModule == layer.path;
        output.producer = static_cast<trace::Id>(trace->events.append(
            {trace::EventKind::forward, at, trace::none, trace::none, trace::none, now, now + 412'000}));
        add(*trace, output,
            snapshot(layer.output,
                     [&](auto i) {
                         const float value = noise(i + static_cast<std::int64_t>(at)) * static_cast<float>(wobble);
                         return bad ? std::nanf("") : relu ? std::max(0.0f, value) : value;
                     }),
            false);
        now += 412'000;
        addParameters(*trace, layer, wobble);
        trace::Value gradient;
        gradient.key = {trace::Role::output_gradient, layer.path, ""};
        add(*trace, gradient, snapshot(layer.output, [&](auto i) { return noise(i) * 0.001f; }), true);
        trace->events.append(
            {trace::EventKind::backward, at, trace::none, trace::none, trace::none, now, now + 538'000});
        now += 538'000;
    }
    trace->finish({number, 0.3963, 0.86, 0.0163});
    return trace;
}

/// A step and the history that led to it.
struct Played {
    explicit Played(std::int64_t lastStep) : trace(sample::step(lastStep, modules())) {
        auto past = std::make_shared<trace::History>();
        for (std::int64_t s = 0; s <= lastStep; ++s) {
            const double t = static_cast<double>(s);
            past->add_scalar("loss", s, 2.3 * std::exp(-t / 180) + 0.33 + 0.12 * noise(s));
            if (s % 100 == 99) past->add_scalar("test_accuracy", s, 0.87 - 0.2 * std::exp(-t / 300));
        }
        for (std::size_t i = 0; i < trace->summaries.size(); ++i) {
            const trace::SummaryRecord& record = trace->summaries[i];
            for (std::int64_t s = lastStep - 60; s <= lastStep; ++s)
                past->add(trace->values[record.value].key, s, record.summary);
        }
        past->publish();
        history = past;
    }

    std::shared_ptr<const trace::Trace> trace;
    std::shared_ptr<const trace::History> history;
};

/// Plays made steps. Commands are noted in `calls`.
class Source : public TraceSource {
  public:
    explicit Source(std::int64_t lastStep = 1283) {
        // Making these takes a second, and nobody writes to them.
        static std::map<std::int64_t, Played> made;
        if (!made.contains(lastStep)) made.emplace(lastStep, Played(lastStep));
        m_trace = made.at(lastStep).trace;
        m_history = made.at(lastStep).history;
        m_status.state = session::State::running;
        m_status.step = lastStep + 1;
        m_status.epoch = 1.37;
        m_status.loss = 0.3963;
        m_status.batch_accuracy = 0.86;
        m_status.test_accuracy = 0.872;
        m_status.learning_rate = 0.02;
        m_status.steps_per_second = 61.3;
        m_status.observe_ratio = 1.04;
        m_status.seed = 7;
    }

    void run() override { note("run", session::State::running); }
    void pause() override { note("pause", session::State::paused); }
    void step() override { note("step", session::State::paused); }
    void stepTo(session::Goal goal, trace::Id, std::size_t) override {
        note("stepTo " + std::to_string(static_cast<int>(goal)), session::State::paused);
    }
    void reset(std::uint64_t seed) override {
        m_status.seed = seed;
        note("reset " + std::to_string(seed), session::State::paused);
    }
    void setLearningRate(double value) override {
        m_status.learning_rate = value;
        note("learning rate " + std::to_string(value), m_status.state);
    }
    void setWatch(const session::Watch& watch) override { m_watch = watch; }
    void setPauseOnNonFinite(bool) override {}

    bool ready() const override { return m_ready; }
    session::TrainingInfo info() const override {
        return {"fashion-cnn",
                "LeNet",
                {"T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Boot"},
                64,
                938,
                2};
    }
    session::Status status() const override { return m_status; }
    std::shared_ptr<const trace::Trace> trace() const override { return m_ready ? m_trace : nullptr; }
    std::shared_ptr<const trace::Trace> valuesTrace() const override { return m_ready ? m_trace : nullptr; }
    std::shared_ptr<const trace::History> history() const override { return m_ready ? m_history : nullptr; }
    void setListener(std::function<void()> listener) override { m_listener = std::move(listener); }

    /// As the engine does when something new is there.
    void announce() const {
        if (m_listener) m_listener();
    }
    void note(const std::string& call, session::State state) {
        calls.push_back(call);
        m_status.state = state;
        announce();
    }

    std::vector<std::string> calls;
    session::Watch m_watch;
    session::Status m_status;
    std::shared_ptr<const trace::Trace> m_trace;
    std::shared_ptr<const trace::History> m_history;
    bool m_ready = true;

  private:
    std::function<void()> m_listener;
};

} // namespace hs::ui::sample
