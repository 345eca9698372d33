#pragma once

#include "engine/trace/history.h"
#include "engine/trace/trace.h"

#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// Module tables and Traces made by hand for the tests of the views: what the Recorder would have written for the
/// three demos, without an engine.
namespace handmade {

using namespace hs;

inline std::string lastName(const std::string& path) {
    const auto dot = path.rfind('.');
    return dot == std::string::npos ? path : path.substr(dot + 1);
}

/// Builds a table in named_modules order; parents are found by path.
class Modules {
  public:
    explicit Modules(const std::string& name) {
        trace::Module root;
        root.name = root.type = name;
        m_table.push_back(root);
    }
    Modules& add(const std::string& path, const std::string& type, const std::string& extra = {},
                 std::vector<std::pair<std::string, Shape>> parameters = {}) {
        trace::Module module;
        module.path = path;
        module.name = lastName(path);
        module.type = type;
        module.extra = extra;
        module.parent = 0;
        const auto dot = path.rfind('.');
        const std::string parent = dot == std::string::npos ? std::string() : path.substr(0, dot);
        for (std::size_t i = 0; i < m_table.size(); ++i)
            if (m_table[i].path == parent) module.parent = static_cast<trace::Id>(i);
        for (const auto& [name, shape] : parameters) {
            trace::Member member;
            member.name = name;
            member.shape = shape;
            member.requires_grad = true;
            member.count = 1;
            for (std::int64_t size : shape)
                member.count *= size;
            module.parameter_count += member.count;
            module.members.push_back(member);
        }
        for (trace::Id up = module.parent; module.parameter_count; up = m_table[up].parent) {
            m_table[up].parameter_count += module.parameter_count;
            if (up == 0) break;
        }
        m_table.push_back(module);
        return *this;
    }
    std::shared_ptr<const trace::ModuleTable> table() const { return std::make_shared<trace::ModuleTable>(m_table); }

  private:
    trace::ModuleTable m_table;
};

inline std::shared_ptr<const trace::ModuleTable> lenet() {
    return Modules("LeNet")
        .add("stage1", "Sequential")
        .add("stage1.conv1", "Conv2d", "1, 6, kernel_size=5, padding=2", {{"weight", {6, 1, 5, 5}}, {"bias", {6}}})
        .add("stage1.relu1", "ReLU")
        .add("stage1.pool1", "MaxPool2d", "2")
        .add("stage2", "Sequential")
        .add("stage2.conv2", "Conv2d", "6, 16, kernel_size=5", {{"weight", {16, 6, 5, 5}}, {"bias", {16}}})
        .add("stage2.relu2", "ReLU")
        .add("stage2.pool2", "MaxPool2d", "2")
        .add("head", "Sequential")
        .add("head.flatten", "Flatten")
        .add("head.fc1", "Linear", "400, 120", {{"weight", {120, 400}}, {"bias", {120}}})
        .add("head.relu3", "ReLU")
        .add("head.fc2", "Linear", "120, 84", {{"weight", {84, 120}}, {"bias", {84}}})
        .add("head.relu4", "ReLU")
        .add("head.fc3", "Linear", "84, 10", {{"weight", {10, 84}}, {"bias", {10}}})
        .table();
}

inline std::shared_ptr<const trace::ModuleTable> spiralMlp() {
    return Modules("SpiralMlp")
        .add("fc1", "Linear", "2, 32", {{"weight", {32, 2}}, {"bias", {32}}})
        .add("act1", "Tanh")
        .add("fc2", "Linear", "32, 32", {{"weight", {32, 32}}, {"bias", {32}}})
        .add("act2", "Tanh")
        .add("fc3", "Linear", "32, 2", {{"weight", {2, 32}}, {"bias", {2}}})
        .table();
}

inline std::shared_ptr<const trace::ModuleTable> resnet() {
    Modules m("ResNet");
    m.add("conv", "Conv2d", "1, 8, kernel_size=3, padding=1", {{"weight", {8, 1, 3, 3}}});
    m.add("bn", "BatchNorm2d", "8", {{"weight", {8}}, {"bias", {8}}});
    m.add("relu", "ReLU");
    std::int64_t in = 8;
    for (int layer = 1; layer <= 3; ++layer) {
        const std::int64_t out = 8 << (layer - 1);
        const std::string path = "layer" + std::to_string(layer);
        m.add(path, "Sequential");
        const std::string block = path + ".0";
        m.add(block, "ResidualBlock");
        m.add(block + ".conv1", "Conv2d", "", {{"weight", {out, in, 3, 3}}});
        m.add(block + ".bn1", "BatchNorm2d", "", {{"weight", {out}}, {"bias", {out}}});
        m.add(block + ".relu1", "ReLU");
        m.add(block + ".conv2", "Conv2d", "", {{"weight", {out, out, 3, 3}}});
        m.add(block + ".bn2", "BatchNorm2d", "", {{"weight", {out}}, {"bias", {out}}});
        if (layer > 1) {
            m.add(block + ".shortcut", "Sequential");
            m.add(block + ".shortcut.0", "Conv2d", "", {{"weight", {out, in, 1, 1}}});
            m.add(block + ".shortcut.1", "BatchNorm2d", "", {{"weight", {out}}, {"bias", {out}}});
        }
        m.add(block + ".relu2", "ReLU");
        in = out;
    }
    m.add("pool", "AdaptiveAvgPool2d", "1");
    m.add("flatten", "Flatten");
    m.add("fc", "Linear", "32, 10", {{"weight", {10, 32}}, {"bias", {10}}});
    return m.table();
}

/// Numbers for a value: by its key and the row-major position.
using Fill = std::function<float(const trace::ValueKey&, const Shape&, std::int64_t)>;

inline trace::Snapshot snapshotOf(const trace::ValueKey& key, const Shape& shape, const Fill& fill) {
    const std::int64_t count = element_count(shape);
    Ref<Block> block = Block::allocate(static_cast<std::size_t>(count) * sizeof(float));
    for (std::int64_t i = 0; i < count; ++i) {
        const float number = fill(key, shape, i);
        std::memcpy(block->data() + static_cast<std::size_t>(i) * sizeof(float), &number, sizeof(float));
    }
    return {block, Dtype::float32, shape, contiguous_strides(shape), 0};
}

/// Statistics and symmetric log bins (or linear ones between the extremes) of a row of numbers.
inline trace::Summary summaryOf(const std::vector<float>& numbers, trace::BinRange range) {
    trace::Summary s;
    s.range = range;
    s.count = static_cast<std::int64_t>(numbers.size());
    double sum = 0;
    double squares = 0;
    std::int64_t finite = 0;
    for (float number : numbers) {
        if (std::isnan(number)) {
            ++s.nan;
            continue;
        }
        if (std::isinf(number)) {
            ++(number > 0 ? s.positive_inf : s.negative_inf);
            continue;
        }
        const double x = number;
        s.min = finite ? std::min(s.min, x) : x;
        s.max = finite ? std::max(s.max, x) : x;
        ++finite;
        sum += x;
        squares += x * x;
        if (number == 0) ++s.zeros;
        ++s.bins[static_cast<std::size_t>(trace::bin_of(range, x))];
    }
    if (finite) s.mean = sum / static_cast<double>(finite);
    s.norm = std::sqrt(squares);
    if (finite > 1) s.std = std::sqrt(std::max(0.0, (squares - sum * s.mean) / static_cast<double>(finite - 1)));
    return s;
}

/// Writes a step as the Recorder does.
class Step {
  public:
    Step(std::shared_ptr<const trace::ModuleTable> table, std::int64_t number, Fill fill = {})
        : m_trace(std::make_shared<trace::Trace>(number, std::move(table))), m_fill(std::move(fill)) {}

    /// Event that made the batch: none.
    static constexpr trace::Id data = trace::none;

    trace::Id module(const std::string& path) const {
        const auto& table = *m_trace->modules;
        for (std::size_t i = 0; i < table.size(); ++i)
            if (table[i].path == path) return static_cast<trace::Id>(i);
        return trace::none;
    }

    trace::Id value(const trace::ValueKey& key, const Shape& shape, trace::Id producer) {
        trace::Value v;
        v.key = key;
        v.shape = shape;
        v.producer = producer;
        if (m_fill) {
            v.snapshot = snapshotOf(key, shape, m_fill);
            std::vector<float> numbers(static_cast<std::size_t>(v.snapshot.count()));
            v.snapshot.read(0, numbers);
            const bool gradient = key.role == trace::Role::output_gradient || key.role == trace::Role::gradient;
            trace::BinRange range{trace::BinScale::symmetric_log, 1e-6, 1};
            if (!gradient) range = {trace::BinScale::linear, -6, 6};
            const auto id = static_cast<trace::Id>(m_trace->values.append(v));
            m_trace->summaries.append({id, summaryOf(numbers, range)});
            return id;
        }
        return static_cast<trace::Id>(m_trace->values.append(v));
    }

    trace::Id forward(const std::string& path, const std::string& operation) {
        trace::Node node;
        node.operation = operation;
        node.module = module(path);
        trace::Event event;
        event.kind = trace::EventKind::forward;
        event.module = node.module;
        event.node = static_cast<trace::Id>(m_trace->nodes.append(node));
        return static_cast<trace::Id>(m_trace->events.append(event));
    }

    void enter(const std::string& path, trace::Id from, const Shape& input) {
        mark(trace::EventKind::module_enter, path);
        value({trace::Role::input, path, {}}, input, from);
    }
    void leave(const std::string& path, trace::Id made, const Shape& output) {
        mark(trace::EventKind::module_exit, path);
        value({trace::Role::output, path, {}}, output, made);
        if (m_fill) value({trace::Role::output_gradient, path, {}}, output, made);
    }

    /// A leaf module with one operation. Returns the event that made its output.
    trace::Id run(const std::string& path, trace::Id from, const Shape& input, const Shape& output) {
        enter(path, from, input);
        const trace::Id made = forward(path, "op");
        leave(path, made, output);
        return made;
    }

    std::shared_ptr<const trace::Trace> finish(double loss = 0.5) {
        m_trace->finish({m_trace->step, loss, 0.5, 0.01});
        return m_trace;
    }

    trace::Trace& trace() { return *m_trace; }

  private:
    void mark(trace::EventKind kind, const std::string& path) {
        trace::Event event;
        event.kind = kind;
        event.module = module(path);
        m_trace->events.append(event);
    }

    std::shared_ptr<trace::Trace> m_trace;
    Fill m_fill;
};

inline std::shared_ptr<const trace::Trace> lenetStep(std::shared_ptr<const trace::ModuleTable> table,
                                                     std::int64_t number = 0, const Fill& fill = {},
                                                     std::int64_t n = 64) {
    Step s(std::move(table), number, fill);
    s.enter("", Step::data, {n, 1, 28, 28});
    s.enter("stage1", Step::data, {n, 1, 28, 28});
    trace::Id at = s.run("stage1.conv1", Step::data, {n, 1, 28, 28}, {n, 6, 28, 28});
    at = s.run("stage1.relu1", at, {n, 6, 28, 28}, {n, 6, 28, 28});
    at = s.run("stage1.pool1", at, {n, 6, 28, 28}, {n, 6, 14, 14});
    s.leave("stage1", at, {n, 6, 14, 14});
    s.enter("stage2", at, {n, 6, 14, 14});
    at = s.run("stage2.conv2", at, {n, 6, 14, 14}, {n, 16, 10, 10});
    at = s.run("stage2.relu2", at, {n, 16, 10, 10}, {n, 16, 10, 10});
    at = s.run("stage2.pool2", at, {n, 16, 10, 10}, {n, 16, 5, 5});
    s.leave("stage2", at, {n, 16, 5, 5});
    s.enter("head", at, {n, 16, 5, 5});
    at = s.run("head.flatten", at, {n, 16, 5, 5}, {n, 400});
    at = s.run("head.fc1", at, {n, 400}, {n, 120});
    at = s.run("head.relu3", at, {n, 120}, {n, 120});
    at = s.run("head.fc2", at, {n, 120}, {n, 84});
    at = s.run("head.relu4", at, {n, 84}, {n, 84});
    at = s.run("head.fc3", at, {n, 84}, {n, 10});
    s.leave("head", at, {n, 10});
    s.leave("", at, {n, 10});
    s.value({trace::Role::target, "", {}}, {n}, trace::none);
    return s.finish();
}

inline std::shared_ptr<const trace::Trace> spiralStep(std::shared_ptr<const trace::ModuleTable> table,
                                                      std::int64_t number = 0, const Fill& fill = {},
                                                      std::int64_t n = 64) {
    Step s(std::move(table), number, fill);
    s.enter("", Step::data, {n, 2});
    trace::Id at = s.run("fc1", Step::data, {n, 2}, {n, 32});
    at = s.run("act1", at, {n, 32}, {n, 32});
    at = s.run("fc2", at, {n, 32}, {n, 32});
    at = s.run("act2", at, {n, 32}, {n, 32});
    at = s.run("fc3", at, {n, 32}, {n, 2});
    s.leave("", at, {n, 2});
    s.value({trace::Role::target, "", {}}, {n}, trace::none);
    s.value({trace::Role::picture, "", {}}, {48, 48}, trace::none);
    return s.finish();
}

inline std::shared_ptr<const trace::Trace> resnetStep(std::shared_ptr<const trace::ModuleTable> table,
                                                      std::int64_t number = 0, const Fill& fill = {},
                                                      std::int64_t n = 16) {
    Step s(std::move(table), number, fill);
    Shape shape{n, 8, 28, 28};
    s.enter("", Step::data, {n, 1, 28, 28});
    trace::Id at = s.run("conv", Step::data, {n, 1, 28, 28}, shape);
    at = s.run("bn", at, shape, shape);
    at = s.run("relu", at, shape, shape);
    for (int layer = 1; layer <= 3; ++layer) {
        const std::string path = "layer" + std::to_string(layer);
        const std::string block = path + ".0";
        const Shape before = shape;
        if (layer > 1) shape = {n, before[1] * 2, before[2] / 2, before[3] / 2};
        s.enter(path, at, before);
        s.enter(block, at, before);
        const trace::Id entry = at;
        at = s.run(block + ".conv1", entry, before, shape);
        at = s.run(block + ".bn1", at, shape, shape);
        at = s.run(block + ".relu1", at, shape, shape);
        at = s.run(block + ".conv2", at, shape, shape);
        at = s.run(block + ".bn2", at, shape, shape);
        if (layer > 1) {
            s.enter(block + ".shortcut", entry, before);
            const trace::Id side = s.run(block + ".shortcut.0", entry, before, shape);
            s.leave(block + ".shortcut", s.run(block + ".shortcut.1", side, shape, shape), shape);
        }
        at = s.forward(block, "add");
        at = s.run(block + ".relu2", at, shape, shape);
        s.leave(block, at, shape);
        s.leave(path, at, shape);
    }
    at = s.run("pool", at, shape, {n, shape[1], 1, 1});
    at = s.run("flatten", at, {n, shape[1], 1, 1}, {n, shape[1]});
    at = s.run("fc", at, {n, shape[1]}, {n, 10});
    s.leave("", at, {n, 10});
    s.value({trace::Role::target, "", {}}, {n}, trace::none);
    return s.finish();
}

} // namespace handmade
