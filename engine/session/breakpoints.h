#pragma once

#include "engine/trace/published.h"
#include "engine/trace/trace.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace hs::session {

/// A place at which a training stops by itself, and the condition that has to hold there.
struct Breakpoint {
    enum class Place : std::uint8_t {
        /// `name` is a module's path. Forward: before is when it is entered, after when it is left. Backward: before is
        /// when the first of its nodes is about to run, after when the pass has left it.
        module,
        /// An autograd node by PyTorch's name (`ReluBackward0`, `AccumulateGrad`) or, of an AccumulateGrad, by its
        /// leaf's (`conv1.weight`); an empty name is any node of the module `inside`.
        node,
        operation, ///< `conv2d`, after it ran; in the backward pass: its node
    };
    enum class Side : std::uint8_t { before, after };
    enum class Pass : std::uint8_t { both, forward, backward };
    /// Of the tensor that is there: before a module what it is given, after it what it gives; of nodes likewise their
    /// gradients, of which one is enough.
    enum class Check : std::uint8_t {
        always,
        has_nan,
        has_inf,
        norm_above, ///< L2 norm over finite elements
        norm_below,
        zeros_above, ///< the fraction of elements that are 0
        shape_is,
        sign_change, ///< of the mean, against the last time that this breakpoint saw one
    };

    int id = 0; ///< from 1; given by Breakpoints
    bool enabled = true;
    Place place = Place::module;
    std::string name;
    std::string inside; ///< of nodes and operations: only in this module and in those inside it; empty: anywhere
    Side side = Side::before;
    Pass pass = Pass::both;
    Check check = Check::always;
    double bound = 0;          ///< of norms and of the fraction of zeros (0 to 1)
    std::string shape;         ///< `[64, *, 28, 28]`, `*` being any size
    std::int64_t from_hit = 1; ///< stops when its condition holds for this time, and from then on

    // What list() says; ignored where a Breakpoint is given.
    std::int64_t hits = 0; ///< since the training was made
    bool in_model = true;  ///< false: it names a module that this model has not; then it does nothing

    bool operator==(const Breakpoint&) const = default;
};

/// `before stage1.conv1`, `after ReluBackward0 in stage1`: where it is, in words.
std::string place_text(const Breakpoint& breakpoint);
/// `norm above 10`; empty for Check::always.
std::string condition_text(const Breakpoint& breakpoint);
/// The sizes of a shape as `Breakpoint::shape` writes it, -1 for `*`. Throws std::invalid_argument with the column.
std::vector<std::int64_t> parse_shape(const std::string& text);

/// Where a training stops by itself. Any thread may change them; the engine takes a change up at its next event.
///
/// While one is enabled, every step records everything (record::Keep::all), so that a stop can be looked at. A
/// condition costs nothing for tensors that it does not name, and none or one pass over one that it does.
class Breakpoints {
  public:
    /// `newest` says which modules there are.
    explicit Breakpoints(const trace::Published<std::shared_ptr<const trace::Trace>>& newest);

    /// Returns its id. These three throw std::invalid_argument, with a sentence that says what to write instead, for a
    /// breakpoint that can hold nowhere (a module or an operation that does not exist, a shape that does not parse, a
    /// bound that is no number), and change() for an id that does not exist.
    int add(Breakpoint breakpoint);
    void change(int id, Breakpoint breakpoint);
    void check(const Breakpoint& breakpoint) const;
    /// False where there is none of that id, as the next.
    bool remove(int id);
    bool enable(int id, bool on);
    /// These instead of those before, with their ids and, where nothing else changed, their hits. What names a module
    /// that does not exist is taken and does nothing: it may belong to another model.
    void replace(std::vector<Breakpoint> breakpoints);

    std::vector<Breakpoint> list() const;
    /// Grows with each change and each hit.
    std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

    /// A moment of a recorded step at which one holds.
    struct Stop {
        std::size_t position = 0; ///< events that have happened
        int breakpoint = 0;
        std::string message; ///< `breakpoint 2: norm of stage1.conv1 output is 12.3, above 10`
    };
    /// The last such moment before `position`, or the first after it and before `before`; hit counts do not matter
    /// here. What was not kept and cannot be judged holds only if it held when it happened. No event is judged that
    /// cannot be the answer, except for signs, which are told by those before.
    std::optional<Stop> last_before(const trace::Trace& trace, std::size_t position) const;
    std::optional<Stop> first_after(const trace::Trace& trace, std::size_t position,
                                    std::size_t before = std::numeric_limits<std::size_t>::max()) const;

    /// Names that there are: of operations and nodes those of the catalogue.
    static std::vector<std::string> operation_names();
    static std::vector<std::string> node_names();

    // The engine's side.
    /// Grows with each change.
    std::uint64_t revision() const { return revision_.load(std::memory_order_acquire); }
    /// Those that can hold: enabled and in this model.
    std::vector<Breakpoint> active() const;
    /// Its condition held. True: it is to stop.
    bool count_hit(int id, const Stop& stop, std::int64_t step);
    /// Another training: nothing was hit.
    void forget_hits();

  private:
    struct Seen {
        std::int64_t step;
        Stop stop;
    };

    std::vector<Stop> stops(const trace::Trace& trace, std::size_t begin, std::size_t end, bool first_only) const;
    bool is_in_model(const Breakpoint& breakpoint, const trace::ModuleTable* modules) const;
    std::shared_ptr<const trace::ModuleTable> modules() const;
    Breakpoint* find(int id);
    void changed();

    const trace::Published<std::shared_ptr<const trace::Trace>>& newest_;
    mutable std::mutex mutex_; // held to copy, never while a tensor is looked at
    std::vector<Breakpoint> all_;
    std::vector<Seen> seen_; ///< in the newest step that had hits
    int last_id_ = 0;
    std::atomic<std::uint64_t> version_{0};
    std::atomic<std::uint64_t> revision_{0};
};

} // namespace hs::session
