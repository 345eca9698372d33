#include "engine/autograd/backward.h"
#include "engine/autograd/gradcheck.h"
#include "engine/kernels/cpu/parallel.h"
#include "engine/ops/functional.h"
#include "engine/ops/operation_reference.h"
#include "engine/ops/samples.h"
#include "engine/tensor/generator.h"
#include "tests/engine/sanitized.h"
#include "tests/engine/throws.h"

#include <QtTest>
#include <cmath>
#include <cstring>

using namespace hs;

namespace {

std::string full_name(const Op& op) {
    return op.name() + (op.schema().overload.empty() ? "" : "." + op.schema().overload);
}

/// Whether an operation asks how its input lies in memory, as view does, so that other strides are another question.
bool reads_strides(const Op& op) {
    constexpr std::string_view names[] = {"view", "view_as", "unflatten", "as_strided", "meshgrid", "_unsafe_view"};
    return std::ranges::find(names, op.name()) != std::end(names);
}

/// A call of an operation whose floating point tensors can be replaced.
class Call {
  public:
    Call(const Op& op, const Sample& sample)
        : op_(&op), arguments_(op.schema().bind(sample.arguments, sample.keywords)) {}

    /// The tensors of floating point numbers, in order; a list's elements count singly.
    Tensors tensors() const {
        Tensors result;
        for (const Argument& argument : arguments_)
            visit(argument, [&](std::size_t, const Tensor& tensor) { result.push_back(tensor); });
        return result;
    }
    /// Whether tensor `i` of tensors() may have a gradient.
    std::vector<bool> differentiable() const {
        std::vector<bool> result;
        const auto& named = op_->differentiable_parameters();
        for (std::size_t i = 0; i < arguments_.size(); ++i)
            visit(arguments_[i], [&](std::size_t, const Tensor&) {
                result.push_back((op_->declaration().composite && named.empty()) ||
                                 std::ranges::find(named, i) != named.end());
            });
        return result;
    }
    /// The results that carry a gradient.
    Tensors run_differentiable(const Tensors& tensors) const {
        const Tensors results = run(tensors);
        Tensors kept;
        for (std::size_t i = 0; i < results.size(); ++i)
            if (op_->is_differentiable_output(i)) kept.push_back(results[i]);
        return kept;
    }
    Tensors run(const Tensors& tensors) const {
        std::vector<Argument> arguments = arguments_;
        std::size_t next = 0;
        for (Argument& argument : arguments) {
            if (std::holds_alternative<Tensor>(argument.value())) {
                visit(argument, [&](std::size_t, const Tensor&) { argument = tensors[next++]; });
            } else if (const auto* list = std::get_if<Tensors>(&argument.value())) {
                Tensors replaced = *list;
                visit(argument, [&](std::size_t k, const Tensor&) { replaced[k] = tensors[next++]; });
                argument = replaced;
            }
        }
        std::vector<ArgumentRef> references;
        for (const Argument& argument : arguments)
            references.push_back(argument.ref());
        return call_many(*op_, references);
    }

  private:
    template <class Visitor>
    static void visit(const Argument& argument, Visitor&& visitor) {
        const auto one = [&](std::size_t k, const Tensor& tensor) {
            if (tensor.defined() && is_floating_point(tensor.dtype())) visitor(k, tensor);
        };
        if (const auto* tensor = std::get_if<Tensor>(&argument.value())) {
            const Tensor held = *tensor;
            one(0, held);
        } else if (const auto* list = std::get_if<Tensors>(&argument.value())) {
            for (std::size_t k = 0; k < list->size(); ++k)
                one(k, (*list)[k]);
        }
    }

    const Op* op_;
    std::vector<Argument> arguments_;
};

/// Copies; those that may have a gradient require it.
Tensors variables(const Call& call) {
    Tensors result;
    const std::vector<bool> differentiable = call.differentiable();
    for (const Tensor& tensor : call.tensors()) {
        Tensor copy = tensor.detach().clone();
        if (differentiable[result.size()]) copy.set_requires_grad();
        result.push_back(copy);
    }
    return result;
}

bool any_requires_grad(const Tensors& tensors) {
    return std::ranges::any_of(tensors, [](const Tensor& tensor) { return tensor.requires_grad(); });
}

/// The same elements, every second of a wider memory and with the dimensions the other way round in it.
Tensor scattered(const Tensor& tensor) {
    Shape shape = tensor.shape();
    std::reverse(shape.begin(), shape.end());
    shape.push_back(2);
    const Tensor wide = full(shape, -7, tensor.options());
    Strides strides = wide.strides();
    strides.erase(strides.size() - 1);
    std::reverse(strides.begin(), strides.end());
    Tensor result = make_tensor(wide.impl()->storage, tensor.shape(), strides, 1 - (wide.numel() == 0), tensor.dtype());
    result.copy_(tensor.detach());
    if (tensor.requires_grad()) result.set_requires_grad();
    return result;
}

/// Whether a formula is in terms of the signature: one of its names stands in it as a word.
bool names_a_parameter(const Op& op, const std::string& formula) {
    const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
    if (formula.starts_with("as ")) return true;
    for (const SchemaParameter& parameter : op.schema().parameters)
        for (std::size_t at = 0; (at = formula.find(parameter.name, at)) != std::string::npos; ++at) {
            const std::size_t end = at + parameter.name.size();
            if ((at == 0 || !is_word(formula[at - 1])) && (end == formula.size() || !is_word(formula[end])))
                return true;
        }
    return false;
}

/// The same in another dtype; integers are made positive, so that they divide.
Tensor as_dtype(const Tensor& tensor, Dtype dtype) {
    const Tensor plain = tensor.detach();
    return (is_floating_point(dtype) ? plain : trunc(abs(plain)) + 1).to(dtype);
}

/// What an operation says of a dtype that it does not take.
std::string refusal(const Op& op, Dtype dtype) {
    const Dtypes& dtypes = op.declaration().dtypes;
    const bool is_half = (half_dtypes & dtype_bit(dtype)) != 0;
    std::string text = is_half && dtypes.half_refusal ? dtypes.half_refusal : dtypes.refusal;
    const std::string type(scalar_type_name(dtype));
    if (text.find(' ') == std::string::npos) return "\"" + text + "\" not implemented for '" + type + "'";
    if (const std::size_t place = text.find("{}"); place != std::string::npos) text.replace(place, 2, type);
    return text;
}

/// Every element of the first dimension is the first one, in memory once.
Tensor repeated_first(const Tensor& tensor) {
    if (tensor.dim() == 0 || tensor.numel() == 0) return tensor.detach();
    return expand(narrow(tensor.detach(), 0, 0, 1), tensor.shape());
}

/// Empty where both are the same up to the tolerance.
std::string difference(const Tensor& actual, const Tensor& expected, double tolerance) {
    if (actual.defined() != expected.defined()) return "one of the two is None";
    if (!actual.defined()) return {};
    if (actual.shape() != expected.shape())
        return "shape " + to_string(actual.shape()) + " instead of " + to_string(expected.shape());
    const std::vector<double> left = actual.to_vector<double>(), right = expected.to_vector<double>();
    for (std::size_t i = 0; i < left.size(); ++i) {
        const double scale = std::max(1.0, std::fabs(right[i]));
        const bool same = left[i] == right[i] || (std::isnan(left[i]) && std::isnan(right[i]));
        if (!same && !(std::fabs(left[i] - right[i]) <= tolerance * scale))
            return "element " + std::to_string(i) + " is " + std::to_string(left[i]) + " instead of " +
                   std::to_string(right[i]);
    }
    return {};
}

/// Gradients of the sum of all results, each element weighted differently.
Tensors weighted_gradients(const Tensors& outputs, const Tensors& inputs) {
    Tensors roots, seeds, wanted;
    for (const Tensor& output : outputs) {
        if (!output.defined() || !output.requires_grad()) continue;
        roots.push_back(output);
        seeds.push_back(reshape(arange(1, output.numel() + 1, 1, {.dtype = output.dtype()}), output.shape()));
    }
    for (const Tensor& input : inputs)
        if (input.requires_grad()) wanted.push_back(input);
    if (roots.empty() || wanted.empty()) return {};
    try {
        return autograd::grad(roots, wanted, seeds, {.allow_unused = true});
    } catch (const NotImplementedError&) {
        return {}; // a gradient's gradient that PyTorch has not either
    }
}

bool same_bits(const Tensor& a, const Tensor& b) {
    const Tensor left = a.contiguous(), right = b.contiguous();
    if (left.shape() != right.shape() || left.dtype() != right.dtype()) return false;
    const auto bytes = static_cast<std::size_t>(left.numel()) * size_of(left.dtype());
    const auto offset = [](const Tensor& tensor) {
        return tensor.storage_offset() * static_cast<std::int64_t>(size_of(tensor.dtype()) - 1);
    };
    return std::memcmp(left.data<std::byte>() + offset(left), right.data<std::byte>() + offset(right), bytes) == 0;
}

} // namespace

class TestCatalogue : public QObject {
    Q_OBJECT

    const Op* op_ = nullptr;

    void rows(const std::function<bool(const Op&)>& wanted) {
        QTest::addColumn<int>("place");
        int place = 0;
        for (const Op* op : catalogue()) {
            if (wanted(*op)) QTest::addRow("%s", full_name(*op).c_str()) << place;
            ++place;
        }
    }
    const Op& row() {
        QFETCH(int, place);
        return *catalogue()[static_cast<std::size_t>(place)];
    }
    /// Runs `body(call)` for each sample; what it throws fails the row.
    template <class Body>
    void each_sample(Body&& body) {
        const Op& op = row();
        int number = 0;
        for (const Sample& sample : op.declaration().samples()) {
            try {
                body(Call(op, sample));
            } catch (const std::exception& error) {
                QFAIL(qPrintable(QString("sample %1: %2").arg(number).arg(error.what())));
            }
            ++number;
        }
    }

  private slots:
    void is_described_data() {
        rows([](const Op&) { return true; });
    }
    void is_described() {
        const Op& op = row();
        const OpDeclaration& declaration = op.declaration();
        QVERIFY(std::strlen(declaration.summary) > 0);
        QVERIFY(std::strlen(declaration.forward) > 0);
        QVERIFY2(declaration.samples && !declaration.samples().empty(), "has no samples");
        QVERIFY(declaration.gradients.empty() == !declaration.backward || declaration.composite);
        QVERIFY(!(declaration.composite && declaration.backward));
        QVERIFY2(names_a_parameter(op, declaration.forward), declaration.forward);
        for (const GradientFormula& gradient : declaration.gradients) {
            QVERIFY2(op.schema().index_of(gradient.input) < op.schema().parameters.size(), gradient.input);
            const std::string formula = gradient.formula, of = std::string("dL/d") + gradient.input;
            const bool refers = formula.starts_with("as ") || formula.starts_with("not implemented");
            QVERIFY2(refers || formula.find(of) != std::string::npos, gradient.formula);
        }
        const std::string page = operation_reference();
        QVERIFY(page.find(declaration.signature) != std::string::npos);
        QVERIFY(declaration.check_gradient || std::strlen(declaration.note) > 0);
    }

    void gradients_match_differences_data() {
        rows([](const Op& op) {
            return op.declaration().check_gradient && (op.differentiable() || op.declaration().composite);
        });
    }
    void gradients_match_differences() {
        const double tolerance = row().declaration().tolerance;
        each_sample([&](const Call& call) {
            const Tensors inputs = variables(call);
            if (!any_requires_grad(inputs)) return;
            const auto function = [&](const Tensors& tensors) { return call.run_differentiable(tensors); };
            autograd::gradcheck(function, inputs, {.atol = tolerance, .rtol = 1e-5});
        });
    }

    void second_gradients_match_differences_data() {
        if (test::threads_are_watched) QSKIP("One thread computes them");
        gradients_match_differences_data();
    }
    void second_gradients_match_differences() {
        const double tolerance = row().declaration().tolerance * 10;
        each_sample([&](const Call& call) {
            const Tensors inputs = variables(call);
            std::int64_t elements = 0;
            for (const Tensor& input : inputs)
                elements += input.numel();
            const auto function = [&](const Tensors& tensors) { return call.run_differentiable(tensors); };
            if (elements > 40 || !any_requires_grad(inputs) || !any_requires_grad(function(inputs))) return;
            autograd::gradgradcheck(function, inputs, {.atol = tolerance, .rtol = 1e-4});
        });
    }

    void strides_do_not_matter_data() {
        rows([](const Op& op) { return !reads_strides(op); });
    }
    void strides_do_not_matter() {
        each_sample([&](const Call& call) {
            const Tensors plain = variables(call);
            Tensors strided;
            for (const Tensor& tensor : plain)
                strided.push_back(scattered(tensor));
            const Tensors expected = call.run(plain), actual = call.run(strided);
            QCOMPARE(actual.size(), expected.size());
            for (std::size_t i = 0; i < expected.size(); ++i)
                QCOMPARE(difference(actual[i], expected[i], 1e-12), std::string());
            const Tensors expected_gradients = weighted_gradients(expected, plain);
            const Tensors actual_gradients = weighted_gradients(actual, strided);
            QCOMPARE(actual_gradients.size(), expected_gradients.size());
            for (std::size_t i = 0; i < expected_gradients.size(); ++i)
                QCOMPARE(difference(actual_gradients[i], expected_gradients[i], 1e-11), std::string());
        });
    }

    void expanded_inputs_are_like_others_data() { strides_do_not_matter_data(); }
    void expanded_inputs_are_like_others() {
        each_sample([&](const Call& call) {
            Tensors expanded, plain;
            for (const Tensor& tensor : variables(call)) {
                const Tensor one = repeated_first(tensor);
                expanded.push_back(make_view(one, one.shape(), one.strides(), one.storage_offset()));
                plain.push_back(one.clone());
                if (!tensor.requires_grad()) continue;
                expanded.back().set_requires_grad();
                plain.back().set_requires_grad();
            }
            Tensors expected;
            try {
                expected = call.run(plain);
            } catch (const Error&) {
                return; // equal rows have no inverse
            }
            const Tensors actual = call.run(expanded);
            QCOMPARE(actual.size(), expected.size());
            for (std::size_t i = 0; i < expected.size(); ++i)
                QCOMPARE(difference(actual[i], expected[i], 1e-12), std::string());
            Tensors expected_gradients;
            try {
                expected_gradients = weighted_gradients(expected, plain);
            } catch (const Error&) {
                return; // or no gradient
            }
            const Tensors actual_gradients = weighted_gradients(actual, expanded);
            for (std::size_t i = 0; i < expected_gradients.size(); ++i)
                QCOMPARE(difference(actual_gradients[i], expected_gradients[i], 1e-11), std::string());
        });
    }

    /// Without elements, and without dimensions: a result, or an error of the engine's.
    void empty_and_0_dim_inputs_do_no_harm_data() {
        rows([](const Op&) { return true; });
    }
    void empty_and_0_dim_inputs_do_no_harm() {
        const auto empty_of = [](const Tensor& x) {
            return x.dim() == 0 ? zeros({0}, x.options()) : narrow(x, 0, 0, 0);
        };
        const auto scalar_of = [](const Tensor& x) { return full({}, 0.5, x.options()); };
        int results = 0;
        each_sample([&](const Call& call) {
            for (const bool is_empty : {true, false}) {
                Tensors small;
                for (const Tensor& tensor : call.tensors())
                    small.push_back(is_empty ? empty_of(tensor.detach()) : scalar_of(tensor));
                try {
                    for (const Tensor& result : call.run(small))
                        results += result.defined() && result.to_vector<double>().size() == std::size_t(result.numel());
                } catch (const Error& error) {
                    QVERIFY(std::strlen(error.what()) > 0);
                }
            }
        });
        // What keeps the shape of one tensor takes any.
        const auto& parameters = row().schema().parameters;
        const bool elementwise = row().differentiable() && row().declaration().samples == ops::unary_samples;
        if (elementwise && parameters.size() == 1) QVERIFY(results >= 8);
    }

    void dtypes_are_as_declared_data() {
        rows([](const Op&) { return true; });
    }
    void dtypes_are_as_declared() {
        const Op& op = row();
        const Call call(op, op.declaration().samples().front());
        const Tensors given = call.tensors();
        if (given.empty()) return;
        // A bool beside a number counts as an integer.
        const std::vector<Argument> arguments = op.declaration().samples().front().arguments;
        const bool beside_number = op.declaration().dtypes.operands == 2 && arguments.size() > 1 &&
                                   (std::holds_alternative<Scalar>(arguments[0].value()) ||
                                    std::holds_alternative<Scalar>(arguments[1].value()));
        std::string mistakes;
        for (int i = 0; i < dtype_count; ++i) {
            const auto dtype = static_cast<Dtype>(i);
            if (dtype == Dtype::bool_ && beside_number) continue;
            Tensors tensors;
            for (const Tensor& tensor : given)
                tensors.push_back(as_dtype(tensor, dtype));
            const bool taken = (op.declaration().dtypes.taken & dtype_bit(dtype)) != 0;
            const std::string text = test::thrown<Error>([&] { call.run(tensors); });
            // Without a text of its own it is made of operations that refuse.
            const bool as_declared = taken                              ? text == "nothing was thrown"
                                     : *op.declaration().dtypes.refusal ? text == refusal(op, dtype)
                                                                        : text != "nothing was thrown";
            if (!as_declared) mistakes += "\n  " + std::string(name(dtype)) + ": " + text;
        }
        QVERIFY2(mistakes.empty(), mistakes.c_str());
    }

    /// Float16 and bfloat16 give what float32 gives, rounded.
    void half_types_are_float32_rounded_data() {
        rows([](const Op& op) { return (op.declaration().dtypes.taken & half_dtypes) == half_dtypes; });
    }
    void half_types_are_float32_rounded() {
        each_sample([&](const Call& call) {
            for (const auto& [dtype, tolerance] : {std::pair(Dtype::float16, 2e-2), std::pair(Dtype::bfloat16, 1e-1)}) {
                Tensors half, wide;
                for (const Tensor& tensor : call.tensors()) {
                    half.push_back(tensor.detach().to(dtype));
                    wide.push_back(half.back().to(Dtype::float32));
                }
                const Tensors expected = call.run(wide);
                Tensors actual;
                try {
                    actual = call.run(half);
                } catch (const Error&) {
                    continue; // some forms need precision; dtypes_are_as_declared() says that not all do
                }
                for (std::size_t i = 0; i < expected.size(); ++i) {
                    if (!is_floating_point(expected[i].dtype())) continue;
                    QCOMPARE(difference(actual[i], expected[i], tolerance), std::string());
                }
            }
        });
    }

    void float32_agrees_with_float64_data() {
        rows([](const Op&) { return true; });
    }
    void float32_agrees_with_float64() {
        each_sample([&](const Call& call) {
            const Tensors wide = variables(call);
            Tensors narrow_ones;
            for (const Tensor& tensor : wide) {
                Tensor copy = tensor.detach().to(Dtype::float32);
                narrow_ones.push_back(tensor.requires_grad() ? copy.set_requires_grad() : copy);
            }
            const Tensors expected = call.run(wide), actual = call.run(narrow_ones);
            for (std::size_t i = 0; i < expected.size(); ++i)
                QCOMPARE(difference(actual[i], expected[i], 1e-4), std::string());
            const Tensors expected_gradients = weighted_gradients(expected, wide);
            const Tensors actual_gradients = weighted_gradients(actual, narrow_ones);
            for (std::size_t i = 0; i < expected_gradients.size(); ++i)
                QCOMPARE(difference(actual_gradients[i], expected_gradients[i], 1e-3), std::string());
        });
    }

    void errors_have_pytorchs_texts_data() {
        rows([](const Op& op) { return op.declaration().errors != nullptr; });
    }
    void errors_have_pytorchs_texts() {
        const Op& op = row();
        for (const ErrorSample& sample : op.declaration().errors()) {
            const Call call(op, {sample.arguments, sample.keywords});
            QCOMPARE(test::thrown<Error>([&] { call.run(call.tensors()); }), sample.text);
        }
    }

    void shapes_that_do_not_broadcast_are_refused_data() {
        rows([](const Op& op) {
            constexpr std::string_view names[] = {"add",         "atan2",
                                                  "copysign",    "div",
                                                  "eq",          "floor_divide",
                                                  "fmod.Tensor", "ge",
                                                  "gt",          "hypot",
                                                  "le",          "lt",
                                                  "mul",         "logaddexp",
                                                  "logical_and", "logical_or",
                                                  "maximum",     "minimum",
                                                  "ne",          "sub",
                                                  "xlogy",       "max.other",
                                                  "min.other",   "remainder.Tensor",
                                                  "logical_xor", "pow.Tensor_Tensor"};
            return std::ranges::find(names, full_name(op)) != std::end(names);
        });
    }
    void shapes_that_do_not_broadcast_are_refused() {
        const Op& op = row();
        const Tensor a = ones({2, 3}), b = ones({2, 4});
        QCOMPARE(test::thrown<Error>([&] {
                     call_many(op, {a, b});
                 }),
                 std::string("The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension "
                             "1"));
    }

    void dimensions_out_of_range_are_refused_data() {
        rows([](const Op& op) {
            const auto& parameters = op.schema().parameters;
            if (op.name().starts_with("linalg_") && op.name().ends_with("norm")) return false; // a matrix has two
            const std::size_t dim = op.schema().index_of("dim");
            return dim < parameters.size() &&
                   (parameters[dim].type == ParameterType::integer || parameters[dim].type == ParameterType::integers);
        });
    }
    void dimensions_out_of_range_are_refused() {
        const Op& op = row();
        const Sample sample = op.declaration().samples().front();
        std::vector<Argument> arguments = op.schema().bind(sample.arguments, sample.keywords);
        const std::size_t dim = op.schema().index_of("dim");
        if (op.schema().parameters[dim].type == ParameterType::integers)
            arguments[dim] = Dims{99};
        else
            arguments[dim] = Scalar(99);
        std::vector<ArgumentRef> references;
        for (const Argument& argument : arguments)
            references.push_back(argument.ref());
        const std::string text = test::thrown<IndexError>([&] { call_many(op, references); });
        QVERIFY2(text.starts_with("Dimension out of range (expected to be in range of [") &&
                     text.ends_with("], but got 99)"),
                 text.c_str());
    }

    /// Operations of one or two tensors of any shape, on tensors that are large enough for two threads.
    void threads_do_not_matter_data() {
        rows([](const Op& op) {
            const auto& parameters = op.schema().parameters;
            const auto is_tensor = [&](std::size_t i) {
                return parameters[i].type == ParameterType::tensor || parameters[i].type == ParameterType::operand;
            };
            std::size_t count = 0;
            for (const SchemaParameter& parameter : parameters)
                count += !parameter.has_default;
            // Of these tensors the one would make one of 30 GB; the others run on one thread, for minutes under TSan.
            const bool decomposes =
                op.name().find("linalg_") != op.name().npos && op.name().find("norm") == op.name().npos;
            if (op.name() == "kron" || decomposes) return false;
            return !reads_strides(op) && !op.declaration().errors && count >= 1 && count <= 2 && is_tensor(0) &&
                   is_tensor(count - 1) && parameters[count - 1].name != "index" &&
                   parameters[count - 1].name != "mask";
        });
    }
    void threads_do_not_matter() {
        const Op& op = row();
        std::size_t count = 0;
        for (const SchemaParameter& parameter : op.schema().parameters)
            count += !parameter.has_default;
        Generator generator(3);
        for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
            Tensor x = rand({300, 300}, generator, {.dtype = dtype});
            x = (x + Scalar(0.25)).set_requires_grad(false);
            const auto run = [&](int threads) {
                set_num_threads(threads);
                const std::vector<ArgumentRef> arguments(count, x);
                return call_many(op, arguments);
            };
            Tensors one;
            try {
                one = run(1);
            } catch (const Error& error) {
                QSKIP(error.what()); // not an operation of these arguments
            }
            const Tensors two = run(2);
            for (std::size_t i = 0; i < one.size(); ++i)
                QVERIFY(same_bits(one[i], two[i]));
        }
    }
};

QTEST_GUILESS_MAIN(TestCatalogue)
#include "tst_catalogue.moc"
