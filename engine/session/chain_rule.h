#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace hs::session {

/// What one autograd node did to one element of one of its inputs, in numbers: incoming gradient times local derivative
/// is outgoing gradient.
struct ChainRule {
    struct Question {
        std::int64_t step = -1;
        std::uint64_t sequence_nr = 0; ///< of the node
        std::string operation;         ///< catalogue name, as trace::Node::operation
        std::size_t input = 0;         ///< index of `inputs`
        std::int64_t position = -1;    ///< row-major in that input; -1: where the outgoing gradient is greatest
        bool check = false;            ///< by finite differences, too

        bool operator==(const Question&) const = default;
    };
    struct Input {
        std::string name; ///< as the signature has it
        std::string formula;
        std::vector<std::int64_t> shape;
    };
    /// Of an elementwise operation: the last two dimensions around the element, at most `plane_limit` wide and high.
    struct Plane {
        std::int64_t rows = 0;
        std::int64_t columns = 0;
        std::int64_t at = 0; ///< where the element is in the three, which are row-major
        bool whole = true;
        std::vector<double> incoming; ///< empty before the node ran
        std::vector<double> local;
        std::vector<double> outgoing; ///< empty before the node ran
    };
    /// Rows are outputs, columns inputs: positions, row-major.
    struct Slice {
        std::vector<std::int64_t> outputs;
        std::vector<std::int64_t> inputs;
        std::vector<double> values;
    };
    /// By central differences in float64.
    struct Check {
        double local = 0;
        double outgoing = 0; ///< 0 before the node ran
    };

    static constexpr std::int64_t plane_limit = 48;
    static constexpr std::size_t slice_limit = 8;

    Question question;   ///< with the position that was chosen
    std::string forward; ///< the catalogue's formula
    std::string problem; ///< why there are no numbers; then all below `inputs` is empty
    std::vector<Input> inputs;
    std::vector<std::int64_t> output_shape;
    bool elementwise = false; ///< every output depends on the input at its own place alone
    bool has_run = false;     ///< in the backward pass
    /// The output that counts most for the element; the numbers are of it.
    std::int64_t output_position = 0;
    double incoming = 0;
    double local = 0;
    std::int64_t terms = 0;     ///< outputs that depend on the element
    double outgoing = 0;        ///< incoming times local, summed over all outputs
    std::optional<double> sent; ///< what the node really sent, where it went somewhere
    std::optional<Plane> plane;
    Slice slice;
    std::optional<Check> check;
};

struct NodeCall;

/// The chain rule under a microscope. Steps that keep everything also keep what each differentiable operation was
/// called with; an operation that is asked about is run again from that, in float64, on a thread of its own that no
/// hook of the training hears. Any thread, but for what is marked.
class ChainRules {
  public:
    /// Gradients that are kept beside what the Trace keeps already.
    static constexpr std::size_t keep_limit = std::size_t{256} << 20;

    ChainRules();
    ChainRules(const ChainRules&) = delete;
    ChainRules& operator=(const ChainRules&) = delete;
    ~ChainRules();

    /// A newer question replaces one that waits.
    void ask(const ChainRule::Question& question);
    /// The newest answer, or null.
    std::shared_ptr<const ChainRule> answer() const;
    /// Whether the answer is to what was asked last.
    bool is_answered() const;
    /// Blocks until it is, or the time is over.
    bool wait_until_answered(double seconds);

    // The engine's thread.
    class Listener;
    /// Keeps the calls of a step while the result lives; null where the step keeps nothing.
    std::unique_ptr<Listener> listen(std::int64_t step, bool keeps_all);

  private:
    struct Calls;

    void work();
    std::shared_ptr<const ChainRule> answer_to(const ChainRule::Question& question);

    mutable std::mutex mutex_; // never held while something is computed
    std::condition_variable work_;
    std::shared_ptr<Calls> calls_; ///< of the newest step, where it kept everything
    std::optional<ChainRule::Question> question_;
    std::shared_ptr<const ChainRule> answer_;
    bool busy_ = false;
    bool quit_ = false;
    bool holds_ = false; ///< the engine's thread's: there are calls of a step before
    std::thread thread_;
};

/// Takes its hooks off when it goes.
class ChainRules::Listener {
  public:
    explicit Listener(std::shared_ptr<Calls> calls);
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener();

  private:
    struct Hooks;
    std::unique_ptr<Hooks> hooks_;
};

} // namespace hs::session
