#include "ui/views/tensor_facts.h"

#include "ui/models/tensor_choice.h"
#include "ui/theme/numbers.h"

#include <QCoreApplication>

namespace hs::ui {

namespace {

struct Text {
    Q_DECLARE_TR_FUNCTIONS(TensorFacts)
};

Fact gradFact(const trace::Trace& trace, const trace::Value& value) {
    Fact fact{.label = QStringLiteral("grad"), .value = QStringLiteral("None"), .color = Token::text2};
    const auto key = gradientOf(value.key);
    if (!value.has_grad || !key) {
        if (!value.is_leaf)
            fact.toolTip = Text::tr("None: it is not a leaf, so no .grad is kept without retain_grad()");
        return fact;
    }
    fact.value = formatShape(value.shape);
    fact.color = Token::text;
    if (const trace::Summary* summary = trace.find_summary(*key)) {
        fact.more = Text::tr("norm %1").arg(formatNumber(summary->norm));
        fact.moreColor = Token::backward;
    }
    return fact;
}

} // namespace

std::vector<Fact> attributeFacts(const trace::Trace& trace, const trace::Value& value) {
    const std::string_view dtype = name(value.dtype);
    const auto bytes = static_cast<std::size_t>(element_count(value.shape)) * size_of(value.dtype);
    return {
        {.label = QStringLiteral("dtype"),
         .value = QString::fromUtf8(dtype.data(), static_cast<qsizetype>(dtype.size()))},
        {.label = QStringLiteral("shape"), .value = formatShape(value.shape)},
        {.label = QStringLiteral("device"), .value = QString::fromStdString(to_string(value.device))},
        {.label = QStringLiteral("requires_grad"),
         .value = formatBool(value.requires_grad),
         .toolTip = value.key.role == trace::Role::parameter
                        ? Text::tr("A click or Ctrl+Shift+E switches it while paused")
                        : QString()},
        {.label = QStringLiteral("is_leaf"), .value = formatBool(value.is_leaf)},
        {.label = QStringLiteral("grad_fn"),
         .value = value.grad_fn.empty() ? QStringLiteral("None")
                                        : QLatin1Char('<') + QString::fromStdString(value.grad_fn) + QLatin1Char('>'),
         .color = value.grad_fn.empty() ? Token::text2 : Token::backward},
        gradFact(trace, value),
        {.label = QStringLiteral("data"),
         .value = formatBytes(bytes),
         .more = Text::tr("version %1").arg(formatCount(value.version))},
    };
}

std::vector<Fact> statisticFacts(const trace::Summary* summary) {
    const QString unknown = QStringLiteral("–");
    const auto number = [&](double trace::Summary::*field) {
        return summary ? formatNumber(summary->*field) : unknown;
    };
    const std::int64_t infinities = summary ? summary->positive_inf + summary->negative_inf : 0;
    const bool bad = summary && !summary->finite();
    return {
        {.label = Text::tr("min"), .value = number(&trace::Summary::min)},
        {.label = Text::tr("mean"), .value = number(&trace::Summary::mean)},
        {.label = Text::tr("max"), .value = number(&trace::Summary::max)},
        {.label = Text::tr("std"), .value = number(&trace::Summary::std)},
        {.label = Text::tr("zeros"), .value = summary ? formatCount(summary->zeros) : unknown},
        {.label = Text::tr("norm"), .value = number(&trace::Summary::norm)},
        {.label = Text::tr("count"), .value = summary ? formatCount(summary->count) : unknown},
        {.label = Text::tr("NaN, ±Inf"),
         .value = !summary ? unknown
                  : bad    ? formatCount(summary->nan) + QStringLiteral(", ") + formatCount(infinities)
                           : QStringLiteral("0"),
         .color = bad ? Token::nan : Token::text},
    };
}

QString kindOf(const trace::Value& value) {
    const QString leaf = value.is_leaf ? Text::tr("leaf") : Text::tr("non-leaf");
    const auto kind = [&](const QString& what) { return leaf + QStringLiteral(" · ") + what; };
    switch (value.key.role) {
    case trace::Role::parameter:
        return kind(Text::tr("parameter"));
    case trace::Role::buffer:
        return kind(Text::tr("buffer"));
    case trace::Role::input:
        return kind(Text::tr("input"));
    case trace::Role::target:
        return kind(Text::tr("targets"));
    case trace::Role::gradient:
        return Text::tr("gradient of a leaf");
    case trace::Role::output_gradient:
        return Text::tr("gradient of a non-leaf");
    case trace::Role::update:
        return Text::tr("written by the optimizer");
    default:
        return kind(Text::tr("output"));
    }
}

} // namespace hs::ui
