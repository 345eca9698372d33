#pragma once

#include "engine/trace/value.h"

#include <QObject>

#include <optional>
#include <string>

namespace hs::ui {

/// What the person has selected. One object, shared by all views, so that picking in one shows in all of them.
/// Setters that change nothing emit nothing.
class Selection : public QObject {
    Q_OBJECT

  public:
    explicit Selection(QObject* parent = nullptr) : QObject(parent) {}

    /// Path of the selected module (`stage1.conv1`); empty is the root, which is selected at first.
    const std::string& module() const { return m_module; }
    /// The selected tensor. Without one, a view shows what suits it of the selected module.
    const std::optional<trace::ValueKey>& value() const { return m_value; }
    /// Event and node of the trace that is shown, or trace::none.
    trace::Id event() const { return m_event; }
    trace::Id node() const { return m_node; }
    /// Which sample of the batch is shown, from 0.
    int sample() const { return m_sample; }

  public slots:
    /// Selects a module and no tensor in particular.
    void selectModule(const std::string& path);
    /// Selects a tensor and its module.
    void selectValue(const trace::ValueKey& key);
    void selectEvent(trace::Id event);
    void selectNode(trace::Id node);
    void setSample(int sample);
    /// Back to the root, the first sample and nothing else: another model is shown.
    void clear();

  signals:
    void moduleChanged();
    /// The tensor changed, or the module under it.
    void valueChanged();
    void eventChanged();
    void nodeChanged();
    void sampleChanged();

  private:
    std::string m_module;
    std::optional<trace::ValueKey> m_value;
    trace::Id m_event = trace::none;
    trace::Id m_node = trace::none;
    int m_sample = 0;
};

} // namespace hs::ui
