#include "engine/tensor/printing.h"

#include "engine/nn/parameter.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/python_expression.h"

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>
#include <string_view>
#include <utility>

namespace hs::conformance {

namespace {

using nlohmann::json;

/// What `data` lists, row-major; integers exactly.
Tensor tensor_in(const json& item) {
    const Dtype dtype = dtype_from_name(item.at("dtype").get<std::string>());
    const Shape shape(item.at("shape").get<std::vector<std::int64_t>>());
    const json& data = item.at("data");
    if (element_count(shape) != static_cast<std::int64_t>(data.size())) throw Error("the data do not fill the shape");
    if (dtype == Dtype::int64) {
        const auto values = data.get<std::vector<std::int64_t>>();
        return from_data(values.data(), shape, {.dtype = dtype});
    }
    std::vector<double> values;
    for (const json& value : data)
        values.push_back(value.is_boolean() ? value.get<bool>() : floating(value));
    return from_data(values.data(), shape, {.dtype = dtype});
}

PrintOptions options_of(const json& given) {
    PrintOptions options = print_profile(given.value("profile", "default"));
    options.precision = given.value("precision", options.precision);
    options.threshold = given.value("threshold", options.threshold);
    options.edge_items = given.value("edgeitems", options.edge_items);
    options.line_width = given.value("linewidth", options.line_width);
    if (given.contains("sci_mode") && !given["sci_mode"].is_null()) options.sci_mode = given["sci_mode"].get<bool>();
    return options;
}

void check(const std::string& actual, const std::string& expected) {
    if (actual != expected) throw Error("prints as '" + actual + "', expected '" + expected + "'");
}

void run_tensor(const json& item) {
    Tensor tensor = tensor_in(item);
    const bool requires_grad = item.at("requires_grad").get<bool>();
    if (item.at("parameter").get<bool>())
        tensor = nn::parameter(tensor, requires_grad);
    else
        tensor.set_requires_grad(requires_grad);
    check(to_string(tensor, options_of(item.at("options"))), item.at("repr").get<std::string>());
}

/// The texts are PyTorch 1.13's. What the target, 2.x, prints instead:
struct Change {
    std::regex before;
    const char* after;
};
const std::vector<Change>& changes() {
    static const std::vector<Change> all = {
        // The defaults of Softplus are floats.
        {std::regex(R"(Softplus\(beta=1, threshold=20\))"), "Softplus(beta=1.0, threshold=20.0)"},
        // The mode of Upsample and its like is quoted.
        {std::regex(R"((Upsampl[A-Za-z0-9]*\(.*, mode=)([a-z-]+)\))"), "$1'$2')"},
    };
    return all;
}

/// Nodes that have another name in 2.x.
constexpr std::pair<std::string_view, std::string_view> renamed_nodes[] = {
    {"ReshapeAliasBackward0", "ViewBackward0"}, {"NormBackward1", "LinalgVectorNormBackward0"}};

/// One child of a module, `(key): text`, with the lines that belong to it.
struct Child {
    std::string key, text;
};

/// A ModuleList of 2.x folds equal neighbours: `(0-2): 3 x Linear(...)`.
std::string folded(const std::vector<Child>& children) {
    std::string text;
    for (std::size_t first = 0, next = 0; first < children.size(); first = next) {
        for (next = first + 1; next < children.size() && children[next].text == children[first].text;)
            ++next;
        const std::size_t count = next - first;
        const std::string key = count > 1 ? children[first].key + "-" + children[next - 1].key : children[first].key;
        text += "  (" + key + "): " + (count > 1 ? std::to_string(count) + " x " : "") + children[first].text;
    }
    return text;
}

/// Folds the lists in a module's text. Their lines stand two deeper than the line that opens them.
std::string with_folded_lists(const std::string& text) {
    static const std::regex child_line(R"(  \((\w+)\): ([^]*))");
    std::vector<Child> children;
    std::istringstream lines(text);
    std::string head, tail;
    std::getline(lines, head);
    for (std::string line; std::getline(lines, line);) {
        std::smatch match;
        if (std::regex_match(line, match, child_line))
            children.push_back({match[1], match[2].str() + "\n"});
        else if (line == ")" || children.empty())
            tail += line;
        else
            children.back().text += line.substr(std::min<std::size_t>(2, line.size())) + "\n";
    }
    if (children.empty()) return text;
    std::string result = head + "\n";
    for (Child& child : children) {
        child.text.pop_back();
        std::string inner = with_folded_lists(child.text);
        for (std::size_t at = inner.find('\n'); at != std::string::npos; at = inner.find('\n', at + 3))
            inner.replace(at, 1, "\n  ");
        child.text = inner + "\n";
    }
    if (head.ends_with("ModuleList(")) return result + folded(children) + tail;
    for (const Child& child : children)
        result += "  (" + child.key + "): " + child.text;
    return result + tail;
}

std::string as_in_2(std::string text) {
    for (const Change& change : changes())
        text = std::regex_replace(text, change.before, change.after);
    return with_folded_lists(text);
}

void run_expression(const json& item) {
    // What the expressions of the file call x.
    const std::map<std::string, Tensor> variables = {{"x", tensor({1, 2}, {.requires_grad = true})}};
    const PythonValue result = evaluate(item.at("expr").get<std::string>(), variables);
    std::string expected = item.at("repr").get<std::string>();
    if (const auto* module = std::get_if<std::shared_ptr<nn::Module>>(&result.value))
        return check((*module)->to_string(), as_in_2(expected));
    const auto* argument = std::get_if<Argument>(&result.value);
    if (!argument || !argument->ref().is_tensor()) throw Error("the expression gives neither a tensor nor a module");
    for (const auto& [before, after] : renamed_nodes)
        if (const std::size_t at = expected.find(before); at != std::string::npos)
            expected.replace(at, before.size(), after);
    check(to_string(argument->ref().tensor()), expected);
}

json read(const std::filesystem::path& file) {
    std::ifstream stream(file);
    if (!stream) throw Error(file.string() + ": cannot be opened");
    json content;
    try {
        content = json::parse(stream);
    } catch (const json::parse_error& error) {
        throw Error(file.string() + ": " + error.what());
    }
    if (!content.is_object()) throw Error(file.string() + ": is no file of printed texts");
    return content;
}

void run_file(const std::filesystem::path& file, const std::string& filter, Report& report) {
    const json content = read(file);
    const auto run = [&](const char* kind, auto run_case) {
        if (!content.contains(kind)) return;
        std::size_t position = 0;
        for (const json& item : content[kind]) {
            std::string name = file.filename().string() + ": " + kind + " #" + std::to_string(position++);
            if (item.is_object() && item.contains("expr") && item["expr"].is_string())
                name += " " + item["expr"].get<std::string>();
            if (name.find(filter) != std::string::npos) report.run(name, [&] { run_case(item); });
        }
    };
    run("tensors", run_tensor);
    run("graph_expressions", run_expression);
    run("modules", run_expression);
}

} // namespace

void run_printing(const Options& options, Report& report) {
    if (!std::filesystem::is_directory(options.folder)) return run_file(options.folder, options.filter, report);
    bool any = false;
    for (const auto& entry : std::filesystem::directory_iterator(options.folder)) {
        if (!entry.path().filename().string().starts_with("printing") || entry.path().extension() != ".json") continue;
        any = true;
        run_file(entry.path(), options.filter, report);
    }
    if (!any) throw Error(options.folder.string() + ": holds no printed texts (printing*.json)");
}

} // namespace hs::conformance
