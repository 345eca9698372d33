#include "ui/models/why_text.h"

#include "ui/theme/numbers.h"

#include <QCoreApplication>
#include <QStringList>

namespace hs::ui {

namespace {

using trace::Reason;

struct WhyWords {
    Q_DECLARE_TR_FUNCTIONS(Why)
};

QString q(const std::string& text) {
    return QString::fromStdString(text);
}

QString dtypeOf(const trace::Value& value) {
    const std::string_view text = name(value.dtype);
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QString listOf(const std::vector<std::string>& names) {
    QStringList list;
    for (const std::string& name : names)
        list.append(q(name));
    if (list.size() < 2) return list.join(QString());
    const QString last = list.takeLast();
    return WhyWords::tr("%1 and %2").arg(list.join(QStringLiteral(", ")), last);
}

/// Where the gradient goes on to, said before and after it has.
QString wayOn(const trace::Why& why) {
    if (why.made_from.empty()) return {};
    const QString to = listOf(why.made_from);
    if (!why.passed)
        return WhyWords::tr("Its gradient will pass through and go on to %1. Only leaves keep theirs.").arg(to);
    return why.norm > 0
               ? WhyWords::tr("A gradient passed through it (norm %1) and went on to %2. Only leaves keep theirs.")
                     .arg(formatNumber(why.norm), to)
               : WhyWords::tr("A gradient passed through it and went on to %1. Only leaves keep theirs.").arg(to);
}

/// Why nothing was recorded: the same for both questions.
QString unrecorded(const trace::Why& why, const trace::Value& value) {
    switch (why.reason) {
    case Reason::integer:
        return WhyWords::tr("Its dtype is %1: only floating-point tensors can have a gradient.").arg(dtypeOf(value));
    case Reason::detached:
        return WhyWords::tr("detach() cut it off: it shares the bytes of %1, but not the history.")
            .arg(q(why.evidence));
    case Reason::no_grad:
        return WhyWords::tr("%1 ran without being recorded, though %2 requires grad: it ran under no_grad, or did not "
                            "use it.")
            .arg(q(why.operation), q(why.evidence));
    case Reason::no_need:
        return WhyWords::tr("Nothing that went into %1 requires grad, so nothing was recorded.").arg(q(why.operation));
    default:
        return WhyWords::tr("Its requires_grad is False: nobody asked for its gradient.");
    }
}

QString remedyOf(const trace::Why& why, const trace::Value& value) {
    switch (why.reason) {
    case Reason::not_a_leaf:
        return WhyWords::tr("To keep it, ask before backward reaches it: retain_grad().");
    case Reason::integer:
        return WhyWords::tr("Convert what should learn to a floating dtype first.");
    case Reason::detached:
        return WhyWords::tr("Go on with the tensor itself where its gradient is wanted.");
    case Reason::no_grad:
        return WhyWords::tr("Compute it outside of no_grad where its gradient is wanted.");
    case Reason::no_need:
        return WhyWords::tr("Call requires_grad_() on what should learn, before it is used.");
    case Reason::not_wanted:
        return value.key.role == trace::Role::parameter
                   ? WhyWords::tr("requires_grad_(True) unfreezes it.")
                   : WhyWords::tr("Call requires_grad_() on it, before it is used.");
    case Reason::before_pass:
    case Reason::set_to_none:
        return WhyWords::tr("Go on to the backward pass (Ctrl+B).");
    case Reason::retained:
    case Reason::on_its_way:
        return WhyWords::tr("Go on to the next accumulation (Ctrl+G).");
    case Reason::not_reached:
        return WhyWords::tr("Look whether its module is called, and whether what it gives goes into the loss.");
    default:
        return {};
    }
}

QString ruleOf(Reason reason) {
    const int number = trace::rule_number(reason);
    return number ? WhyWords::tr("Rule %1").arg(number) : QString();
}

} // namespace

WhyText whyGradIsNone(const trace::Why& why, const trace::Trace& trace) {
    const trace::Value& value = trace.values[why.value];
    const bool member = value.key.role == trace::Role::parameter || value.key.role == trace::Role::buffer;
    WhyText text;
    text.title = member ? WhyWords::tr("Why is %1.grad None?").arg(q(why.name))
                        : WhyWords::tr("Why is the .grad of %1 None?").arg(q(why.name));
    text.rule = ruleOf(why.reason);
    text.remedy = remedyOf(why, value);
    switch (why.reason) {
    case Reason::not_a_leaf:
        text.sentence = why.operation.empty() ? WhyWords::tr("It is not a leaf: its grad_fn is %1.").arg(q(why.grad_fn))
                                              : WhyWords::tr("It is not a leaf: %1 made it.").arg(q(why.operation));
        text.detail = wayOn(why);
        break;
    case Reason::retained:
        text.sentence = WhyWords::tr("It will keep its gradient (retain_grad), but the pass has not come to it yet.");
        break;
    case Reason::before_pass:
        text.sentence = WhyWords::tr("No backward pass has run in this step yet.");
        break;
    case Reason::on_its_way:
        text.sentence = WhyWords::tr("The pass under way has not come to it: %1 of %2 gradients have arrived.")
                            .arg(why.arrived)
                            .arg(why.expected);
        break;
    case Reason::not_reached:
        text.sentence = WhyWords::tr("The backward pass did not come to it: nothing that led to its root used it.");
        break;
    case Reason::undefined:
        text.sentence = WhyWords::tr("The pass came to it with no gradient: nothing used that output.");
        break;
    case Reason::set_to_none:
        text.sentence = WhyWords::tr("zero_grad set it to None, and no pass has brought a new one since.");
        break;
    case Reason::nothing:
    case Reason::made_by_hand:
        break;
    default:
        text.sentence = unrecorded(why, value);
    }
    return text;
}

WhyText whyLeaf(const trace::Why& why, const trace::Trace& trace) {
    const trace::Value& value = trace.values[why.value];
    WhyText text;
    text.rule = ruleOf(why.reason);
    switch (why.reason) {
    case Reason::nothing:
        text.sentence = why.operation.empty() ? WhyWords::tr("It is not a leaf: it has a grad_fn.")
                                              : WhyWords::tr("It is not a leaf: %1 made it.").arg(q(why.operation));
        break;
    case Reason::made_by_hand:
    case Reason::not_wanted:
        text.sentence = WhyWords::tr("It is a leaf: no operation made it.");
        break;
    default:
        text.sentence = WhyWords::tr("It is a leaf although it was computed. %1").arg(unrecorded(why, value));
    }
    return text;
}

} // namespace hs::ui
