#include "ui/views/value_editor.h"

#include "ui/models/session_model.h"
#include "ui/models/tensor_choice.h"
#include "ui/models/trace_cursor.h"
#include "ui/models/values_model.h"
#include "ui/theme/theme.h"
#include "ui/views/inspector.h"
#include "ui/views/values_view.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QScrollArea>
#include <QStyle>

#include <limits>

namespace hs::ui {

using session::EditKind;
using trace::Role;

namespace {

std::optional<double> readElement(QString text) {
    text = text.trimmed();
    text.replace(QChar(0x2212), QLatin1Char('-'));
    text.replace(QLatin1Char(','), QLatin1Char('.'));
    const QString word = text.toLower();
    if (word == QStringLiteral("nan")) return std::numeric_limits<double>::quiet_NaN();
    if (word == QStringLiteral("inf") || word == QChar(0x221e)) return std::numeric_limits<double>::infinity();
    if (word == QStringLiteral("-inf")) return -std::numeric_limits<double>::infinity();
    bool ok = false;
    const double value = text.toDouble(&ok);
    return ok ? std::optional(value) : std::nullopt;
}

} // namespace

ValueEditor::ValueEditor(SessionModel& session, const TraceCursor& cursor, Inspector& inspector)
    : QObject(&inspector), m_session(session), m_cursor(cursor), m_inspector(inspector) {
    connect(inspector.valuesView(), &ValuesView::editRequested, this, [this] { begin(EditKind::element); });
}

QLineEdit* ValueEditor::box() const {
    return m_box;
}

/// Why the shown tensor cannot be edited now; empty: it can.
QString ValueEditor::reason() const {
    const trace::ValueKey& key = m_inspector.shownKey();
    const QString name = QString::fromStdString(to_string(key));
    if (!m_session.session()) return tr("There is nothing to edit: no training is open.");
    if (m_session.isRunning()) return tr("Pause first (F5): only what stands still can be edited.");
    if (!m_cursor.isAtNewest())
        return tr("This is an earlier moment, which stays as it was. Go to the recorded end (Alt+End) to edit.");
    if (m_inspector.values()->rowCount() == 0)
        return tr("The values of %1 were not kept at this moment. Step on (F8) to have them.").arg(name);
    if (key.role == Role::parameter || key.role == Role::buffer || key.role == Role::gradient) return {};
    const trace::Id event = m_cursor.event();
    const trace::Id value = event == trace::none ? trace::none : m_cursor.trace()->events[event].value;
    const bool inside = m_cursor.trace() && !m_cursor.trace()->finished();
    if (inside && value != trace::none && m_cursor.trace()->values[value].key == key && key.role != Role::update &&
        key.role != Role::output_gradient)
        return {};
    if (key.role == Role::output_gradient)
        return tr("%1 is used up once it is shown. Put a backward pre-hook on the module, or edit a .grad.").arg(name);
    if (key.role == Role::update) return tr("An update is what the optimizer did. Edit the parameter or its .grad.");
    return tr("%1 is used up by now. Step (F11) to where it is made, and edit it there.").arg(name);
}

void ValueEditor::begin(EditKind kind) {
    delete m_box;
    const QString why = reason();
    if (!why.isEmpty()) {
        emit refused(why);
        return;
    }
    ValuesView* view = m_inspector.valuesView();
    const QPoint cell = view->currentCell();
    const ValuesModel& values = *m_inspector.values();
    m_edit = {};
    m_edit.kind = kind;
    m_edit.key = m_inspector.shownKey();
    m_edit.position = values.position(cell.y(), cell.x());
    m_box = new QLineEdit(view->viewport());
    m_box->setProperty("mono", true);
    m_box->setAccessibleName(kind == EditKind::element ? tr("New value")
                             : kind == EditKind::fill  ? tr("Value for all elements")
                                                       : tr("Factor for all elements"));
    m_box->setPlaceholderText(kind == EditKind::fill    ? tr("fill with")
                              : kind == EditKind::scale ? tr("times")
                                                        : QString());
    m_box->setToolTip(tr("Enter writes it, Escape gives up"));
    if (kind == EditKind::element) m_box->setText(QString::number(values.number(cell.y(), cell.x()), 'g', 9));
    const QRect rect = view->cellRect(cell);
    const int width = std::max(rect.width(), 96);
    const int left = std::clamp(rect.left(), 0, std::max(view->viewport()->width() - width, 0));
    m_box->setGeometry(left, std::max(rect.center().y() - 14, 0), width, 28);
    m_box->selectAll();
    m_box->installEventFilter(this);
    connect(m_box, &QLineEdit::returnPressed, this, &ValueEditor::commit);
    m_box->show();
    m_box->setFocus(Qt::OtherFocusReason);
    for (QWidget* around = view->parentWidget(); around; around = around->parentWidget())
        if (auto* scroll = qobject_cast<QScrollArea*>(around)) scroll->ensureWidgetVisible(view, 0, 0);
}

void ValueEditor::commit() {
    const auto number = readElement(m_box->text());
    if (!number) {
        m_box->setProperty("invalid", true);
        m_box->style()->unpolish(m_box);
        m_box->style()->polish(m_box);
        m_box->setToolTip(tr("“%1” is no number").arg(m_box->text()));
        emit refused(tr("“%1” is no number. Write one such as −0.25 or 1e−3, NaN or inf.").arg(m_box->text()));
        return;
    }
    m_edit.number = *number;
    m_box->deleteLater();
    m_box.clear();
    m_inspector.valuesView()->setFocus(Qt::OtherFocusReason);
    // It may have gone on while the box was open.
    const QString why = reason();
    if (why.isEmpty())
        emit edited(m_edit);
    else
        emit refused(why);
}

bool ValueEditor::eventFilter(QObject* watched, QEvent* event) {
    // While the window is taken down the focus leaves a box that is none any more.
    const auto* box = qobject_cast<QLineEdit*>(watched);
    if (!box || box != m_box) return false;
    const bool escape = event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape;
    if (!escape && event->type() != QEvent::FocusOut) return false;
    m_box->removeEventFilter(this);
    m_box->deleteLater();
    m_box.clear();
    if (escape) m_inspector.valuesView()->setFocus(Qt::OtherFocusReason);
    return escape;
}

} // namespace hs::ui
