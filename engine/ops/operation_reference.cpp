#include "engine/ops/operation_reference.h"

namespace hs {

namespace {

/// Markdown takes these for the begin of something.
std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '*' || c == '_' || c == '<' || c == '[' || c == '|' || c == '`') result += '\\';
        result += c;
    }
    return result;
}

std::string code(std::string_view text) {
    return "`" + std::string(text) + "`";
}

std::string origin_of(const Op& op) {
    if (op.declaration().composite) return "Made of other operations, whose nodes are recorded.";
    if (op.differentiable()) return "Recorded as " + code(op.node_name()) + ".";
    return "Has no gradient.";
}

std::string entry(const Op& op) {
    const OpDeclaration& declaration = op.declaration();
    std::string text = code(declaration.signature) + "\n\n" + escaped(declaration.summary) + "\n\n";
    text += "- forward: " + code(declaration.forward) + "\n";
    for (const GradientFormula& gradient : declaration.gradients)
        text += "- gradient of " + code(gradient.input) + ": " + code(gradient.formula) + "\n";
    text += "- dtypes: " + dtypes_text(op) + "\n- devices: CPU\n";
    if (*declaration.aliases) text += "- also called: " + escaped(declaration.aliases) + "\n";
    text += "\n" + origin_of(op);
    if (*declaration.note) text += " Note: " + escaped(declaration.note) + ".";
    return text + "\n\n";
}

} // namespace

std::string dtypes_text(const Op& op) {
    const std::uint16_t taken = op.declaration().dtypes.taken;
    if (taken == any_dtype) return "all";
    std::string text;
    for (int i = 0; i < dtype_count; ++i)
        if (taken & dtype_bit(static_cast<Dtype>(i)))
            text += (text.empty() ? "" : ", ") + std::string(name(static_cast<Dtype>(i)));
    return text;
}

std::string operation_reference() {
    std::string text = "# Operations\n\nGenerated from the catalogue. In the formulas y is the result, L what is "
                       "differentiated, and the other names are those of the signature.\n\n";
    std::string_view last;
    for (const Op* op : catalogue()) {
        if (op->name() != last) text += "## " + escaped(op->name()) + "\n\n";
        last = op->name();
        text += entry(*op);
    }
    return text;
}

} // namespace hs
