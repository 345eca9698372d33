#pragma once

#include "engine/graph/node.h"
#include "engine/ops/schema.h"

#include <initializer_list>

namespace hs {

class Op;
class OpNode;

/// The arguments of one call, by position in the signature; those that were left out have their defaults.
class Arguments {
  public:
    Arguments(const Schema& schema, std::span<const ArgumentRef> given) : schema_(&schema), given_(given) {}

    std::size_t size() const { return schema_->parameters.size(); }
    ArgumentRef operator[](std::size_t i) const {
        return i < given_.size() ? given_[i] : schema_->parameters[i].default_value.ref();
    }
    const Tensor& tensor(std::size_t i) const { return given_[i].tensor(); }
    /// An undefined tensor for None.
    Tensor optional_tensor(std::size_t i) const {
        const ArgumentRef argument = (*this)[i];
        return argument.is_tensor() ? argument.tensor() : Tensor();
    }
    std::span<const Tensor> tensors(std::size_t i) const { return given_[i].tensors(); }
    Scalar scalar(std::size_t i) const { return (*this)[i].scalar(); }
    std::optional<Scalar> optional_scalar(std::size_t i) const {
        const ArgumentRef argument = (*this)[i];
        return argument.is_none() ? std::nullopt : std::optional(argument.scalar());
    }
    bool boolean(std::size_t i) const { return (*this)[i].boolean(); }
    std::int64_t integer(std::size_t i) const { return (*this)[i].integer(); }
    double floating(std::size_t i) const { return (*this)[i].floating(); }
    Dims integers(std::size_t i) const {
        const ArgumentRef argument = (*this)[i];
        return argument.is_none() ? Dims() : Dims(argument.integers());
    }
    std::vector<double> floats(std::size_t i) const { return is_none(i) ? std::vector<double>() : (*this)[i].floats(); }
    std::optional<Dtype> optional_dtype(std::size_t i) const {
        const ArgumentRef argument = (*this)[i];
        return argument.is_none() ? std::nullopt : std::optional(argument.dtype());
    }
    std::string_view text(std::size_t i) const { return (*this)[i].text(); }
    bool is_none(std::size_t i) const { return (*this)[i].is_none(); }

  private:
    const Schema* schema_;
    std::span<const ArgumentRef> given_;
};

/// What a node kept of its forward call: the tensors and arguments that `Op::saves` names.
class Saved {
  public:
    explicit Saved(const OpNode& node) : node_(&node) {}

    /// The saved tensor `name`, or an undefined one when it was None. Throws rule 35's text after it was freed and
    /// rule 52's when it was changed in place.
    Tensor tensor(std::string_view name) const;
    /// `result` or, of several, `result0`, `result1`.
    Tensor result(int i = 0) const;
    Tensors tensors(std::string_view name) const;
    Shape shape(std::string_view tensor_name) const;
    Dtype dtype(std::string_view tensor_name) const;
    std::vector<Shape> shapes(std::string_view list_name) const; ///< of a list of tensors
    ArgumentRef argument(std::string_view name) const;
    Scalar scalar(std::string_view name) const { return argument(name).scalar(); }
    bool boolean(std::string_view name) const { return argument(name).boolean(); }
    std::int64_t integer(std::string_view name) const { return argument(name).integer(); }
    double floating(std::string_view name) const { return argument(name).floating(); }
    std::string_view text(std::string_view name) const { return argument(name).text(); }
    Dims integers(std::string_view name) const {
        const ArgumentRef found = argument(name);
        return found.is_none() ? Dims() : Dims(found.integers());
    }
    std::vector<double> floats(std::string_view name) const {
        return is_none(name) ? std::vector<double>() : argument(name).floats();
    }
    bool is_none(std::string_view name) const { return argument(name).is_none(); }

  private:
    const OpNode* node_;
};

/// Incoming and outgoing gradients while a node runs.
class Gradients {
  public:
    Gradients(const Node& node, std::span<const Tensor> incoming, std::span<Tensor> results)
        : node_(&node), incoming_(incoming), results_(results) {}

    /// Gradient of output `i`; undefined where nothing used that output (only for operations of several outputs).
    const Tensor& operator[](std::size_t i) const { return incoming_[i]; }
    /// Whether gradient `i` is asked for. Counted are the arguments that OpDeclaration::gradients names, in the
    /// signature's order, a list of tensors as its elements.
    bool needs(std::size_t i) const { return i < node_->edge_count() && node_->edge(i).node != nullptr; }
    /// Sets it; broadcasting and dtype conversion of the forward are undone by the engine (rule 38).
    void set(std::size_t i, Tensor gradient) { results_[i] = std::move(gradient); }
    std::size_t size() const { return results_.size(); }

  private:
    const Node* node_;
    std::span<const Tensor> incoming_;
    std::span<Tensor> results_;
};

/// One thing that a node keeps: a parameter's name, `result`, `result0`..., `name.shape` (shape and dtype only),
/// `name.strides` (read with Saved::integers) or `name.storage_offset` (read with Saved::integer).
/// `needed_for`: kept only when that tensor argument needs a gradient.
struct Save {
    const char* what;
    const char* needed_for = nullptr;
};

struct GradientFormula {
    const char* input;
    const char* formula;
};

/// A call on which the tests try the operation: gradcheck, non-contiguous inputs, conformance. `tensors` are float64.
struct Sample {
    std::vector<Argument> arguments;
    std::map<std::string, Argument> keywords = {};
};
/// A call that must throw `text`.
struct ErrorSample {
    std::vector<Argument> arguments;
    std::map<std::string, Argument> keywords = {};
    std::string text;
};

constexpr std::uint16_t dtype_bit(Dtype dtype) {
    return static_cast<std::uint16_t>(1u << static_cast<unsigned>(dtype));
}
inline constexpr std::uint16_t any_dtype = (1u << static_cast<unsigned>(dtype_count)) - 1;
inline constexpr std::uint16_t half_dtypes = dtype_bit(Dtype::float16) | dtype_bit(Dtype::bfloat16);
inline constexpr std::uint16_t precise_dtypes = dtype_bit(Dtype::float32) | dtype_bit(Dtype::float64);
inline constexpr std::uint16_t floating_dtypes = precise_dtypes | half_dtypes;
inline constexpr std::uint16_t numeric_dtypes = any_dtype & ~dtype_bit(Dtype::bool_);

/// The element types that an operation takes, and what it says of others.
struct Dtypes {
    std::uint16_t taken = any_dtype; ///< a bit each
    /// PyTorch's name of the kernel, for the text `"frac_cpu" not implemented for 'Long'`; or, where it holds a blank,
    /// the whole text, with {} for the dtype. Empty: its own checks, or the operations that it is made of, refuse.
    const char* refusal = "";
    int operands = 1;                   ///< of how many leading arguments the promoted dtype counts
    const char* half_refusal = nullptr; ///< where float16 and bfloat16 are refused with another text
};

/// What an operation computes in a wider dtype from begin to end, so that only its result is rounded: float16 and
/// bfloat16 in float32; integers, where that is asked for and all tensors hold them, in float64.
enum class Wide : std::uint8_t { nothing, halves, halves_and_integers };

/// How an operation is written down: once (engine/ops/<family>.cpp).
struct OpDeclaration {
    const char* signature;
    const char* summary;      ///< one sentence
    const char* forward = ""; ///< formula of the result
    /// Formula of each gradient, in the signature's order: what is named here is differentiable, nothing else.
    std::vector<GradientFormula> gradients = {};
    Dtypes dtypes = {};
    Wide wide = Wide::nothing;
    /// Computes the result(s) without recording. Exactly one of the two is set. For a composite, written in terms of
    /// other operations, `composite` is true: those record, and it has no node of its own.
    Tensor (*compute)(const Arguments&) = nullptr;
    Tensors (*compute_many)(const Arguments&) = nullptr;
    bool composite = false;
    std::vector<Save> saves = {};
    void (*backward)(const Saved&, Gradients&) = nullptr;
    /// Node name without `Backward` and number, where it is not the operation's name in camel case.
    const char* node = nullptr;
    int node_number = 0;                      ///< the 0 of `AddBackward0`
    std::vector<int> non_differentiable = {}; ///< outputs that carry no gradient (indices)
    std::vector<Sample> (*samples)() = nullptr;
    std::vector<ErrorSample> (*errors)() = nullptr;
    double tolerance = 1e-6;    ///< of gradcheck, absolute
    bool check_gradient = true; ///< false: why is said in `note`
    const char* note = "";
    const char* aliases = ""; ///< other names in PyTorch, comma-separated: `linalg.det`
};

/// An operation of the catalogue.
class Op {
  public:
    explicit Op(OpDeclaration declaration);

    const OpDeclaration& declaration() const { return declaration_; }
    const Schema& schema() const { return schema_; }
    const std::string& name() const { return schema_.name; }
    /// `AddBackward0`; empty when it has no node.
    const std::string& node_name() const { return node_name_; }
    bool differentiable() const { return declaration_.backward != nullptr; }
    bool limits_dtypes() const { return declaration_.dtypes.taken != any_dtype; }
    /// Throws for arguments of a dtype that it does not take.
    void check_dtypes(const Arguments& arguments) const;

    /// What the node keeps, resolved: indices instead of names.
    struct SavedItem {
        enum class Kind : std::uint8_t {
            tensor_argument,
            tensor_list,
            result,
            shape,
            strides,
            storage_offset,
            argument
        } kind;
        std::uint8_t index;           ///< parameter, or output for results
        std::int16_t needed_for = -1; ///< parameter without whose gradient it is not kept
        std::string name;
    };
    const std::vector<SavedItem>& saved_items() const { return saved_items_; }
    /// Positions of the parameters that have a gradient.
    const std::vector<std::uint8_t>& differentiable_parameters() const { return differentiable_parameters_; }
    bool is_differentiable_output(std::size_t i) const { return i >= 64 || !(non_differentiable_ >> i & 1u); }

  private:
    OpDeclaration declaration_;
    Schema schema_;
    std::string node_name_;
    std::vector<SavedItem> saved_items_;
    std::vector<std::uint8_t> differentiable_parameters_;
    std::uint64_t non_differentiable_ = 0;
};

/// The node of an operation of the catalogue.
class OpNode final : public Node {
  public:
    explicit OpNode(const Op& op);
    ~OpNode() override;

    const Op& op() const { return *op_; }
    struct Kept;
    const Kept& kept() const;
    std::string_view name() const override { return op_->node_name(); }
    void apply(std::span<const Tensor> grad_outputs, std::span<Tensor> grad_inputs) override;
    void release_saved() override;

    // For operations that write into their argument. Before: what is kept of `argument` becomes a copy of it. After:
    // what is kept of `result` becomes `written`, which holds the same numbers.
    /// `first_only`: of what is kept of the first argument alone; a second one that is the same tensor stays as it is
    /// and will be found changed (rule 52).
    void keep_copy_of(const Tensor& argument, bool first_only);
    void keep_result(const Tensor& result, const Tensor& written);

  private:
    friend class Saved;
    friend struct Recording;

    const Op* op_;
    std::unique_ptr<Kept> kept_; ///< null when the operation keeps nothing
};

/// Runs an operation of one result: computes, records a node where a gradient will be needed, calls the operation
/// hooks. `arguments` are by position; missing ones at the end have their defaults.
Tensor call(const Op& op, std::initializer_list<ArgumentRef> arguments);
Tensor call(const Op& op, std::span<const ArgumentRef> arguments);
/// The same for any number of results.
Tensors call_many(const Op& op, std::initializer_list<ArgumentRef> arguments);
Tensors call_many(const Op& op, std::span<const ArgumentRef> arguments);

/// What an operation hook sees. `node` is null when nothing was recorded.
struct OpCall {
    const Op& op;
    const Arguments& arguments;
    std::span<const Tensor> outputs; ///< empty before the call
    const Node* node = nullptr;
    bool in_backward = false; ///< called while a backward pass is under way
};

/// Hooks around every operation of the catalogue that is called on this thread.
struct OpHooks {
    HookList<void(const OpCall&)> before;
    HookList<void(const OpCall&)> after;
};
OpHooks& op_hooks();

/// The catalogue, in alphabetical order of names.
std::span<const Op* const> catalogue();
/// All overloads of a name (or alias), in order of declaration; empty when there is none.
std::vector<const Op*> find_ops(std::string_view name);
/// Calls by name with the overload that fits: for consoles, files and tests. Throws TypeError when none fits.
Tensors call_by_name(std::string_view name, const std::vector<Argument>& positional,
                     const std::map<std::string, Argument>& keywords);

} // namespace hs
