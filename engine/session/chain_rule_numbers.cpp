#include "engine/session/chain_rule_numbers.h"

#include "engine/autograd/backward.h"
#include "engine/graph/grad_mode.h"
#include "engine/ops/functional.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hs::session {

namespace {

using Positions = std::vector<std::int64_t>;
using Numbers = std::vector<double>;

/// Larger ones would take too long to be looked at.
constexpr std::int64_t most_elements = std::int64_t{1} << 22;
/// How far the result of the second run may be from the first, which was in float32, seen from the greatest element.
constexpr double same_result = 1e-2;

Numbers numbers_of(const trace::Snapshot& kept) {
    Numbers values(static_cast<std::size_t>(kept.count()));
    if (kept.dtype() == Dtype::float64 || kept.dtype() == Dtype::int64) {
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = kept.at(static_cast<std::int64_t>(i));
        return values;
    }
    std::vector<float> narrow(values.size());
    kept.read(0, narrow);
    std::copy(narrow.begin(), narrow.end(), values.begin());
    return values;
}

/// Floats become float64; other dtypes stay.
Tensor wide(const trace::Snapshot& kept) {
    const Tensor values = tensor(numbers_of(kept), {.dtype = Dtype::float64}).reshape(kept.shape());
    return is_floating_point(kept.dtype()) ? values : values.to(kept.dtype());
}

Numbers numbers_of(const Tensor& values) {
    return values.to(Dtype::float64).to_vector<double>();
}

Tensor unit(const Tensor& like, std::int64_t position) {
    Numbers values(static_cast<std::size_t>(like.numel()));
    values[static_cast<std::size_t>(position)] = 1;
    return tensor(values, {.dtype = Dtype::float64}).reshape(like.shape()).to(like.dtype());
}

std::int64_t greatest(const Numbers& values) {
    const auto less = [](double a, double b) { return std::fabs(a) < std::fabs(b); };
    return std::max_element(values.begin(), values.end(), less) - values.begin();
}

/// Where an input stands in the call.
struct Place {
    std::size_t argument = 0;
    std::size_t element = 0; ///< of a list
    std::size_t edge = 0;
};

/// A call that can be made again and again with the same tensors.
class Rerun {
  public:
    explicit Rerun(const NodeCall& call) : call_(call) {
        for (const auto& kept : call.tensors) {
            Tensors& list = tensors_.emplace_back();
            for (const trace::Snapshot& one : kept)
                list.push_back(one ? wide(one) : Tensor());
        }
    }

    Tensor& at(const Place& place) { return tensors_[place.argument][place.element]; }

    /// With copies, since the operation may write into what it is given.
    Tensor run(std::size_t output) const {
        std::vector<Argument> given;
        for (std::size_t i = 0; i < call_.arguments.size(); ++i) {
            Tensors copies;
            for (const Tensor& one : tensors_[i])
                copies.push_back(one.defined() ? clone(one) : Tensor());
            if (copies.empty())
                given.push_back(call_.arguments[i]);
            else if (call_.op->schema().parameters[i].type == ParameterType::tensors)
                given.emplace_back(std::move(copies));
            else
                given.emplace_back(std::move(copies.front()));
        }
        const std::vector<ArgumentRef> refs = [&] {
            std::vector<ArgumentRef> all;
            all.reserve(given.size());
            for (const Argument& argument : given)
                all.push_back(argument.ref());
            return all;
        }();
        return call_many(*call_.op, refs).at(output);
    }

  private:
    const NodeCall& call_;
    std::vector<Tensors> tensors_;
};

std::vector<Place> places_of(const NodeCall& call, ChainRule& answer) {
    std::vector<Place> places;
    std::size_t edge = 0;
    const auto& formulas = call.op->declaration().gradients;
    for (const std::uint8_t i : call.op->differentiable_parameters()) {
        const auto& list = call.tensors[i];
        const std::string& name = call.op->schema().parameters[i].name;
        for (std::size_t e = 0; e < list.size(); ++e) {
            if (!list[e] || !is_floating_point(list[e].dtype())) continue;
            const auto formula = std::find_if(formulas.begin(), formulas.end(),
                                              [&](const GradientFormula& one) { return name == one.input; });
            const Shape& shape = list[e].shape();
            answer.inputs.push_back({list.size() > 1 ? name + "[" + std::to_string(e) + "]" : name,
                                     formula == formulas.end() ? "" : formula->formula,
                                     {shape.begin(), shape.end()}});
            places.push_back({i, e, edge + e});
        }
        edge += std::max<std::size_t>(list.size(), 1);
    }
    return places;
}

bool is_same(const Numbers& again, const Numbers& first) {
    if (again.size() != first.size()) return false;
    double scale = 0;
    for (const double value : first)
        if (std::isfinite(value)) scale = std::max(scale, std::fabs(value));
    for (std::size_t i = 0; i < first.size(); ++i)
        if (std::isfinite(first[i]) && !(std::fabs(again[i] - first[i]) <= same_result * scale + 1e-12)) return false;
    return true;
}

/// The derivative of one output of a call to one of its inputs.
class Derivative {
  public:
    Derivative(Rerun& call, const Place& place, std::size_t output) : input_(call.at(place)) {
        input_.set_requires_grad();
        result_ = call.run(output);
        if (!result_.requires_grad()) return;
        seed_ = ones_like(result_.detach());
        seed_.set_requires_grad();
        back_ = autograd::grad({result_}, {input_}, {seed_}, {.create_graph = true, .allow_unused = true}).at(0);
    }

    const Tensor& result() const { return result_; }
    /// `weights` times the Jacobian.
    Numbers times(const Tensor& weights) const {
        if (!back_.defined()) return Numbers(static_cast<std::size_t>(input_.numel()));
        return numbers_of(
            autograd::grad({result_}, {input_}, {weights.to(result_.dtype())}, {.retain_graph = true}).at(0));
    }
    /// The column of one input: the product the other way round is the gradient of the product with `seed_`.
    Numbers column(std::int64_t position) const {
        const Numbers nothing(static_cast<std::size_t>(result_.numel()));
        if (!back_.defined() || !back_.requires_grad()) return nothing;
        const Tensor found = autograd::grad({back_}, {seed_}, {unit(back_.detach(), position)},
                                            {.retain_graph = true, .allow_unused = true})
                                 .at(0);
        return found.defined() ? numbers_of(found) : nothing;
    }
    /// A diagonal matrix, and nothing else, times signs is its diagonal times the same signs.
    bool is_diagonal(const Numbers& row_sums) const {
        if (input_.shape() != result_.shape()) return false;
        Numbers signs(static_cast<std::size_t>(result_.numel()));
        std::uint32_t state = 12345;
        for (double& sign : signs) {
            state = state * 1664525u + 1013904223u;
            sign = state >> 31 ? 1 : -1;
        }
        const Numbers product = times(tensor(signs, {.dtype = Dtype::float64}).reshape(result_.shape()));
        for (std::size_t i = 0; i < signs.size(); ++i)
            if (std::fabs(product[i] - signs[i] * row_sums[i]) > 1e-9 * (1 + std::fabs(row_sums[i]))) return false;
        return true;
    }

  private:
    Tensor input_;
    Tensor result_;
    Tensor seed_;
    Tensor back_;
};

/// `count` neighbours of `position` among `size` positions.
Positions around(std::int64_t position, std::int64_t size, std::int64_t count) {
    const std::int64_t shown = std::min(size, count);
    Positions found(static_cast<std::size_t>(shown));
    std::iota(found.begin(), found.end(), std::clamp<std::int64_t>(position - shown / 2, 0, size - shown));
    return found;
}

/// The outputs that count most, in order.
Positions strongest(const Numbers& terms) {
    Positions all(terms.size());
    std::iota(all.begin(), all.end(), 0);
    const std::size_t shown = std::min(all.size(), ChainRule::slice_limit);
    const auto magnitude = [&](std::int64_t i) { return std::fabs(terms[static_cast<std::size_t>(i)]); };
    std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(shown), all.end(),
                      [&](std::int64_t a, std::int64_t b) {
                          return magnitude(a) != magnitude(b) ? magnitude(a) > magnitude(b) : a < b;
                      });
    all.resize(shown);
    std::sort(all.begin(), all.end());
    return all;
}

ChainRule::Slice slice_of(const Derivative& derivative, Positions outputs, Positions inputs) {
    ChainRule::Slice slice{std::move(outputs), std::move(inputs), {}};
    for (const std::int64_t output : slice.outputs) {
        const Numbers row = derivative.times(unit(derivative.result().detach(), output));
        for (const std::int64_t input : slice.inputs)
            slice.values.push_back(row[static_cast<std::size_t>(input)]);
    }
    return slice;
}

ChainRule::Plane plane_of(const Positions& shape, std::int64_t position, const Numbers& incoming,
                          const Numbers& local) {
    const std::int64_t width = shape.empty() ? 1 : shape.back();
    const std::int64_t height = shape.size() < 2 ? 1 : shape[shape.size() - 2];
    const std::int64_t in_plane = position % (width * height);
    const std::int64_t base = position - in_plane;
    const Positions rows = around(in_plane / width, height, ChainRule::plane_limit);
    const Positions columns = around(in_plane % width, width, ChainRule::plane_limit);
    ChainRule::Plane plane;
    plane.rows = static_cast<std::int64_t>(rows.size());
    plane.columns = static_cast<std::int64_t>(columns.size());
    plane.at = (in_plane / width - rows.front()) * plane.columns + in_plane % width - columns.front();
    plane.whole = plane.rows == height && plane.columns == width;
    for (const std::int64_t row : rows)
        for (const std::int64_t column : columns) {
            const auto i = static_cast<std::size_t>(base + row * width + column);
            plane.local.push_back(local[i]);
            if (incoming.empty()) continue;
            plane.incoming.push_back(incoming[i]);
            plane.outgoing.push_back(incoming[i] * local[i]);
        }
    return plane;
}

ChainRule::Check check_of(Rerun& call, const Place& place, std::size_t output, const ChainRule& of,
                          const Numbers& incoming) {
    const NoGrad scope;
    Tensor& input = call.at(place);
    const Shape shape = input.shape();
    Numbers values = numbers_of(input.detach());
    double& element = values[static_cast<std::size_t>(of.question.position)];
    const double middle = element;
    const double reach = 1e-6 * std::max(1.0, std::fabs(middle));
    const auto result_at = [&](double value) {
        element = value;
        input = tensor(values, {.dtype = Dtype::float64}).reshape(shape);
        return numbers_of(call.run(output));
    };
    const Numbers above = result_at(middle + reach);
    const Numbers below = result_at(middle - reach);
    ChainRule::Check check;
    for (std::size_t i = 0; i < above.size(); ++i) {
        const double slope = (above[i] - below[i]) / (2 * reach);
        if (static_cast<std::int64_t>(i) == of.output_position) check.local = slope;
        if (!incoming.empty()) check.outgoing += incoming[i] * slope;
    }
    return check;
}

void fill(const NodeCall& call, ChainRule& answer) {
    const std::vector<Place> places = places_of(call, answer);
    if (places.empty()) throw Error("it has no input that takes a gradient");
    answer.question.input = std::min(answer.question.input, places.size() - 1);
    const Place& place = places[answer.question.input];
    std::size_t output = 0;
    while (output + 1 < call.incoming.size() && !call.incoming[output])
        ++output;
    const trace::Snapshot& first = call.outputs.at(output);
    for (const trace::Snapshot* kept : {&first, &call.tensors[place.argument][place.element]}) {
        if (kept->count() == 0) throw Error("there is no element in it");
        if (kept->count() > most_elements) throw Error("it has more than four million elements");
    }
    answer.output_shape.assign(first.shape().begin(), first.shape().end());

    Rerun again(call);
    const Derivative derivative(again, place, output);
    if (!is_same(numbers_of(derivative.result().detach()), numbers_of(first)))
        throw Error("run again, it gives another result: it draws random numbers, or its input was changed");
    answer.has_run = call.has_run && output < call.incoming.size() && call.incoming[output];
    const Numbers incoming = answer.has_run ? numbers_of(call.incoming[output]) : Numbers();

    const Numbers row_sums = derivative.times(ones_like(derivative.result().detach()));
    answer.elementwise = derivative.is_diagonal(row_sums);
    const auto size = static_cast<std::int64_t>(row_sums.size());
    std::int64_t& position = answer.question.position;
    if (position < 0 || position >= size)
        position = greatest(answer.has_run ? derivative.times(wide(call.incoming[output])) : row_sums);

    const Numbers column = derivative.column(position);
    Numbers terms = column;
    for (std::size_t i = 0; i < terms.size(); ++i) {
        answer.terms += column[i] != 0;
        if (answer.has_run) answer.outgoing += terms[i] *= incoming[i];
    }
    answer.output_position = answer.elementwise ? position : greatest(terms);
    const auto at = static_cast<std::size_t>(answer.output_position);
    answer.local = column[at];
    if (answer.has_run) answer.incoming = incoming[at];
    if (place.edge < call.sent.size() && call.sent[place.edge] && call.sent[place.edge].count() == size)
        answer.sent = call.sent[place.edge].at(position);
    const auto few = static_cast<std::int64_t>(ChainRule::slice_limit);
    const Positions inputs = around(position, size, few);
    answer.slice = slice_of(derivative, answer.elementwise ? inputs : strongest(terms), inputs);
    if (answer.elementwise)
        answer.plane = plane_of(answer.inputs[answer.question.input].shape, position, incoming, row_sums);
    if (answer.question.check) answer.check = check_of(again, place, output, answer, incoming);
}

} // namespace

ChainRule chain_rule_of(const NodeCall& call, const ChainRule::Question& question) {
    ChainRule answer;
    answer.question = question;
    answer.forward = call.op->declaration().forward;
    try {
        fill(call, answer);
    } catch (const std::exception& error) {
        const std::string why = error.what();
        std::vector<ChainRule::Input> inputs = std::move(answer.inputs);
        answer = {};
        answer.question = question;
        answer.forward = call.op->declaration().forward;
        answer.inputs = std::move(inputs);
        answer.problem = why;
    }
    return answer;
}

} // namespace hs::session
