#pragma once

#include "engine/session/breakpoints.h"
#include "engine/tensor/tensor.h"

#include <span>
#include <unordered_map>

namespace hs::session {

/// Four significant digits.
std::string number_text(double value);

/// Says where breakpoints hold while the events of steps come in. Belongs to one thread.
class BreakpointCheck {
  public:
    using Stop = Breakpoints::Stop;

    BreakpointCheck() = default;
    /// Signs that were seen by those that are the same as before are kept.
    void set(std::vector<Breakpoint> breakpoints);
    bool any() const { return !all_.empty(); }
    /// Whether before() is needed.
    bool wants_nodes() const { return wants_nodes_; }
    void forget_signs();

    /// Appends the breakpoints that hold after `event`. `live` is the tensor that the event is about, where it is at
    /// hand: it is looked at if the Trace has no summary of it.
    void after(const trace::Trace& trace, trace::Id event, const Tensor* live, std::vector<Stop>& found);
    /// Appends those that hold before a node runs, when `position` events have happened. `live` are the gradients that
    /// it takes.
    void before(const trace::Trace& trace, std::size_t position, trace::Id node, std::span<const Tensor> live,
                std::vector<Stop>& found);

  private:
    struct Item {
        Breakpoint breakpoint;
        trace::Name name;
        std::vector<std::int64_t> sizes;
        trace::Id module = trace::none; ///< that is named, in `table`
        double last_mean = 0;           ///< its sign is that of the last time; 0: none yet
    };
    struct Subject;

    void resolve(const trace::Trace& trace);
    static std::vector<Subject> leaving(const trace::Trace& trace, trace::Id module, trace::Id last);
    void index_arrivals(const trace::Trace& trace);
    std::vector<Subject> arriving(const trace::Trace& trace, std::size_t position, trace::Id node,
                                  std::span<const Tensor> live);
    bool names_node(const Item& item, const trace::Trace& trace, const trace::Node& node) const;
    void judge(Item& item, std::span<Subject> subjects, std::size_t position, std::vector<Stop>& found);
    std::string verdict(Item& item, Subject& subject) const;

    std::vector<Item> all_;
    std::shared_ptr<const trace::ModuleTable> table_; ///< for which the modules' places were looked up
    bool wants_nodes_ = false;
    const trace::Trace* indexed_ = nullptr; ///< of which `arrivals_` are
    std::size_t indexed_count_ = 0;
    std::unordered_map<trace::Id, std::vector<std::size_t>> arrivals_; ///< of gradients, by the node that takes them
};

} // namespace hs::session
