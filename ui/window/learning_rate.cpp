#include "ui/window/learning_rate.h"

#include "ui/models/session_model.h"

#include <QCoreApplication>

#include <cmath>

namespace hs::ui {

std::optional<double> parseLearningRate(const QString& text) {
    QString plain = text.trimmed();
    plain.replace(QLatin1Char(','), QLatin1Char('.'));
    plain.replace(QChar(0x2212), QLatin1Char('-'));
    bool ok = false;
    const double value = plain.toDouble(&ok);
    if (!ok || !std::isfinite(value) || value < 0 || value > largestLearningRate) return std::nullopt;
    return value;
}

QString writeLearningRate(double value) {
    const QString fixed = QString::number(value, 'f', 4);
    return fixed.toDouble() == value ? fixed : QString::number(value, 'g', 8);
}

SetLearningRate::SetLearningRate(SessionModel& session, double before, double after)
    : QUndoCommand(QCoreApplication::translate("SetLearningRate", "learning rate %1").arg(writeLearningRate(after))),
      m_session(session), m_before(before), m_after(after) {}

void SetLearningRate::undo() {
    m_session.setLearningRate(m_before);
}

void SetLearningRate::redo() {
    m_session.setLearningRate(m_after);
}

} // namespace hs::ui
