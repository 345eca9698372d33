#pragma once

#include "engine/autograd/backward.h"
#include "engine/graph/grad_mode.h"
#include "engine/nn/module.h"
#include "engine/ops/functional.h"
#include "engine/optim/sgd.h"
#include "engine/record/recorder.h"

#include <functional>
#include <memory>
#include <string>

/// A module with a weight, one that nothing uses, and a buffer; its forward is given with it.
struct GivenForward : hs::nn::Module {
    hs::Tensor& weight = add_parameter("weight", hs::tensor({1.0f, 2.0f, 2.0f}));
    hs::Tensor& unused = add_parameter("unused", hs::ones({2}));
    hs::Tensor& table = register_buffer("table", hs::ones({3}));
    std::function<hs::Tensor(GivenForward&, const hs::Tensor&)> body = [](GivenForward& self, const hs::Tensor& x) {
        return x * self.weight;
    };

    hs::Tensor forward(const hs::Tensor& x) override { return body(*this, x); }
};

struct GivenNet : hs::nn::Module {
    GivenForward& layer = add("layer", GivenForward());
    hs::Tensor forward(const hs::Tensor& x) override { return layer(x); }
};

/// A Recorder on such a net: each step is what `run` does.
struct RecordedSteps {
    RecordedSteps() {
        hs::trace::Watch watch;
        watch.level = hs::trace::Level::summaries;
        recorder.set_watch(watch);
    }

    std::shared_ptr<const hs::trace::Trace> step(const std::function<void()>& run,
                                                 hs::record::Keep keep = hs::record::Keep::all) {
        recorder.begin_step(number, keep);
        run();
        hs::trace::StepResult result;
        result.step = number++;
        return recorder.finish_step(result);
    }

    GivenNet net;
    hs::optim::Sgd sgd{net.parameters(), {.lr = 0.5}};
    hs::trace::History history;
    hs::record::Recorder recorder{net, sgd, history};
    std::int64_t number = 0;
    hs::Tensor x = hs::tensor({1.0f, 2.0f, 2.0f});
};

/// How many events of a Trace had happened after the `nth` (from 0) of a kind; 0 where there is none.
inline std::size_t after_event(const hs::trace::Trace& trace, hs::trace::EventKind kind, int nth = 0) {
    for (std::size_t i = 0; i < trace.events.size(); ++i)
        if (trace.events[i].kind == kind && nth-- == 0) return i + 1;
    return 0;
}
