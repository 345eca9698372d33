#include "engine/session/element_history.h"

#include "engine/graph/autograd_meta.h"
#include "engine/nn/module.h"
#include "engine/optim/optimizer.h"
#include "engine/record/snapshot.h"
#include "engine/session/own_hook.h"
#include "engine/trace/series.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>

namespace hs::session {

namespace {

constexpr std::size_t most_writes = 4096;
constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

} // namespace

ElementWrite combine(const ElementWrite& a, const ElementWrite& b) {
    ElementWrite both = b;
    both.first_step = a.first_step;
    both.before = a.before;
    return both;
}

/// Apart from the hooks, which only the engine's thread may take off.
struct ElementHistory::Writes {
    trace::SteppedSeries<ElementWrite> series{most_writes};
};

/// The hooks around the optimizer's step, and what they saw of one element.
struct ElementHistory::Follower {
    using Options = std::map<std::string, optim::OptionValue>;

    Follower(Tensor followed, std::int64_t at, std::size_t of_group, const Options& options,
             optim::Optimizer& optimizer)
        : parameter(std::move(followed)), position(at), group(of_group), decay(option<double>(options, "weight_decay")),
          ascends(option<bool>(options, "maximize")), is_sgd(optimizer.type_name() == "SGD") {
        pre = OwnHook(optimizer.register_step_pre_hook([this](optim::Optimizer& by) { before(by); }));
        post = OwnHook(optimizer.register_step_post_hook([this](optim::Optimizer&) { after(); }));
    }

    /// 0 or false where the optimizer has none of that name.
    template <class T>
    static T option(const Options& options, const std::string& name) {
        const auto found = options.find(name);
        const T* value = found == options.end() ? nullptr : std::get_if<T>(&found->second);
        return value ? *value : T();
    }

    double value() const { return record::snapshot(parameter).at(position); }

    void before(const optim::Optimizer& optimizer) {
        const auto& meta = parameter.impl()->meta;
        write.before = value();
        write.gradient = meta && meta->grad.defined() ? record::snapshot(meta->grad).at(position) : not_known;
        write.decay = std::isnan(write.gradient) ? 0 : decay * write.before;
        write.learning_rate = optimizer.learning_rate(group);
        has_momentum = optimizer.momentum(group).value_or(0) != 0; // a scheduler may change it
    }

    /// From how far the element went, which float32 rounds.
    double added_by_momentum() const {
        if (!has_momentum) return 0;
        if (write.learning_rate == 0) return not_known;
        const double moved = (write.before - write.after) / write.learning_rate;
        return moved - (ascends ? -write.gradient : write.gradient) - write.decay;
    }

    void after() {
        write.after = value();
        write.momentum = is_sgd ? added_by_momentum() : not_known;
        auto& series = writes->series;
        series.add(step, write.before, write.gradient, write.decay, write.momentum, write.learning_rate, write.after);
        if (series.over_limit()) series.thin();
        series.publish();
    }

    const Tensor parameter;
    const std::int64_t position;
    const std::size_t group;
    const double decay;
    const bool ascends; ///< `maximize`: the gradient is taken with the other sign
    const bool is_sgd;
    bool has_momentum = false;
    std::int64_t step = 0;
    ElementWrite write;
    const std::shared_ptr<Writes> writes = std::make_shared<Writes>();
    OwnHook pre;
    OwnHook post;
};

ElementHistory::ElementHistory() = default;

ElementHistory::~ElementHistory() = default;

void ElementHistory::follow(const std::optional<Target>& target) {
    const std::lock_guard lock(mutex_);
    if (target == target_) return;
    target_ = target;
    shown_.reset();
    changed_ = true;
}

std::optional<ElementHistory::Target> ElementHistory::target() const {
    const std::lock_guard lock(mutex_);
    return target_;
}

std::vector<ElementWrite> ElementHistory::writes() const {
    std::shared_ptr<const Writes> shown;
    {
        const std::lock_guard lock(mutex_);
        shown = shown_;
    }
    std::vector<ElementWrite> found;
    if (!shown) return found;
    shown->series.newest_first([&](const ElementWrite& write) {
        found.push_back(write);
        return true;
    });
    std::reverse(found.begin(), found.end());
    return found;
}

/// Null where the parameter is not there, has no such element, or is not the optimizer's.
std::unique_ptr<ElementHistory::Follower> ElementHistory::follower_of(const Target& target, const nn::Module& model,
                                                                      optim::Optimizer& optimizer) {
    const std::string name = to_string(target.parameter);
    const auto named = model.named_parameters();
    const auto found = std::find_if(named.begin(), named.end(), [&](const auto& one) { return one.first == name; });
    if (found == named.end() || target.position < 0 || target.position >= found->second.numel()) return nullptr;
    const Tensor& parameter = found->second;
    const auto& all = optimizer.parameters();
    const auto place = std::find_if(all.begin(), all.end(), [&](const Tensor& one) { return one.is_same(parameter); });
    if (place == all.end()) return nullptr;
    const auto index = static_cast<std::size_t>(place - all.begin());
    const optim::OptimizerState state = optimizer.state_dict();
    for (std::size_t group = 0; group < state.param_groups.size(); ++group) {
        const auto& [options, params] = state.param_groups[group];
        if (std::find(params.begin(), params.end(), index) == params.end()) continue;
        return std::make_unique<Follower>(parameter, target.position, group, options, optimizer);
    }
    return nullptr;
}

void ElementHistory::begin_step(const nn::Module& model, optim::Optimizer& optimizer, std::int64_t step) {
    if (changed_.exchange(false)) {
        const std::optional<Target> wanted = target();
        follower_ = wanted ? follower_of(*wanted, model, optimizer) : nullptr;
        const std::lock_guard lock(mutex_);
        if (follower_ && target_ == wanted) shown_ = follower_->writes;
    }
    if (follower_) follower_->step = step;
}

void ElementHistory::stop() {
    follower_.reset();
    const std::lock_guard lock(mutex_);
    shown_.reset();
    changed_ = target_.has_value(); // in the next training, too
}

} // namespace hs::session
