#pragma once

#include "engine/trace/trace.h"

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// A step with its graph, made by hand: nodes and edges, then the events that ran through them.
struct GraphTrace {
    using Id = hs::trace::Id;
    using Kind = hs::trace::EventKind;

    std::shared_ptr<hs::trace::Trace> trace;

    /// Paths of modules below the root, parents first.
    explicit GraphTrace(const std::vector<std::string>& paths = {}) {
        auto table = std::make_shared<hs::trace::ModuleTable>();
        table->emplace_back();
        table->back().name = "Net";
        for (const std::string& path : paths) {
            hs::trace::Module module;
            module.path = path;
            const std::size_t dot = path.rfind('.');
            module.name = dot == std::string::npos ? path : path.substr(dot + 1);
            module.parent = 0;
            for (Id id = 1; dot != std::string::npos && id < table->size(); ++id)
                if ((*table)[id].path == path.substr(0, dot)) module.parent = id;
            table->push_back(std::move(module));
        }
        trace = std::make_shared<hs::trace::Trace>(3, table);
    }

    Id node(const std::string& name, const std::string& operation = "op", Id module = 0) {
        hs::trace::Node node;
        node.name = name;
        node.operation = operation;
        node.sequence_nr = trace->nodes.size();
        node.module = module;
        return static_cast<Id>(trace->nodes.append(std::move(node)));
    }
    Id leaf(const std::string& name, Id module = 0) {
        hs::trace::Node node;
        node.name = name;
        node.module = module;
        node.is_accumulate_grad = true;
        return static_cast<Id>(trace->nodes.append(std::move(node)));
    }
    Id edge(Id from, Id to, std::uint32_t input = 0) {
        return static_cast<Id>(trace->edges.append({from, to, 0, input}));
    }

    Id event(Kind kind, Id node, Id value = hs::trace::none, Id summary = hs::trace::none) {
        const Id module = node == hs::trace::none ? hs::trace::none : trace->nodes[node].module;
        return static_cast<Id>(trace->events.append({kind, module, node, value, summary, 0, 0}));
    }
    void forward(Id node, hs::Shape shape = {4, 3}) {
        hs::trace::Value value;
        value.shape = std::move(shape);
        event(Kind::forward, node, static_cast<Id>(trace->values.append(std::move(value))));
    }
    /// Runs a node: a gradient of that norm goes along each of its edges.
    void backward(Id node, double norm = 0.5) {
        const Id at = event(Kind::backward, node);
        for (Id id = 0; id < trace->edges.size(); ++id)
            if (trace->edges[id].from == node) trace->edge_gradients.append({id, at, summary(norm), {4, 3}});
    }
    void accumulate(Id leaf, double norm) { event(Kind::accumulate_grad, leaf, hs::trace::none, summary(norm)); }

  private:
    Id summary(double norm) {
        hs::trace::Summary summary;
        summary.count = 12;
        summary.norm = norm;
        summary.nan = std::isnan(norm);
        for (std::size_t bin = 0; bin < summary.bins.size(); ++bin)
            summary.bins[bin] = static_cast<std::uint32_t>(bin % 7);
        return static_cast<Id>(trace->summaries.append({hs::trace::none, summary}));
    }
};

/// loss <- add <- conv (two leaves) <- relu <- stem, with a short cut from add to stem's output, which therefore takes
/// a sum; stem's weight is also read by a penalty, so it takes one, too. In each name the node's part of this.
struct ResidualTrace : GraphTrace {
    Id weight, bias, stemWeight, stem, penalty, relu, conv, add, loss;

    ResidualTrace() : GraphTrace({"stem", "block", "block.conv"}) {
        stemWeight = leaf("stem.weight", 1);
        penalty = node("PowBackward0", "pow");
        edge(penalty, stemWeight);
        stem = node("ConvolutionBackward0", "conv2d", 1);
        edge(stem, stemWeight);
        relu = node("ReluBackward0", "relu", 2);
        edge(relu, stem);
        conv = node("ConvolutionBackward0", "conv2d", 3);
        weight = leaf("block.conv.weight", 3);
        bias = leaf("block.conv.bias", 3);
        edge(conv, relu);
        edge(conv, weight);
        edge(conv, bias);
        add = node("AddBackward0", "add", 2);
        edge(add, conv);
        edge(add, stem);
        loss = node("SumBackward0", "sum");
        edge(loss, add);
        edge(loss, penalty);
        for (Id id : {penalty, stem, relu, conv, add, loss})
            forward(id);
        event(Kind::pass_begin, loss);
        backward(loss, 1.0);
        backward(add, 0.25);
        backward(conv, 0.125); // here it stands in most tests: `running` events have happened
        running = trace->events.size();
        accumulate(weight, 4.5);
        accumulate(bias, 2.5);
        backward(relu, 0.0625);
        backward(stem, 0.5);
        backward(penalty, 0.75);
        accumulate(stemWeight, 1.25);
        trace->finish({3, 0.5, 0.5, 0.01});
    }

    std::size_t running = 0; ///< events until conv runs
};
