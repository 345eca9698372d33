#include "ui/views/graph_marks.h"

#include "ui/theme/numbers.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <unordered_map>

namespace hs::ui {

namespace {

struct MarkText {
    Q_DECLARE_TR_FUNCTIONS(GraphMarks)
};

QString stateOf(const trace::SavedTensor& saved, const trace::SavedState& state) {
    if (state.will_break(saved))
        return MarkText::tr("changed in place since, at version %1 instead of %2: backward will stop here")
            .arg(state.version)
            .arg(saved.version);
    return state.is_held ? MarkText::tr("held, version %1").arg(saved.version) : MarkText::tr("freed");
}

} // namespace

void GraphMarks::read(const trace::Trace& trace, std::size_t nodes, std::size_t position) {
    m_notes.assign(nodes, {});
    m_marks.assign(nodes, {});
    if (!trace.keeps_all) return;
    readSaved(trace, position);
    readTensors(trace, position);
}

void GraphMarks::readSaved(const trace::Trace& trace, std::size_t position) {
    const std::vector<trace::SavedState> states = trace::saved_at(trace, position);
    std::vector<int> counts(m_notes.size(), 0);
    for (std::size_t i = 0; i < states.size(); ++i) {
        const trace::SavedTensor& saved = trace.saved[i];
        if (saved.node >= m_notes.size() || !states[i].is_there) continue;
        SavedNote& note = m_notes[saved.node];
        const int more = counts[saved.node]++;
        if (more == 0) note.text = QString::fromStdString(saved.name);
        if (more > 0) note.text = note.text.section(QLatin1Char(' '), 0, 0) + QStringLiteral(" +%1").arg(more);
        note.isHeld = note.isHeld || states[i].is_held;
        note.willBreak = note.willBreak || states[i].will_break(saved);
        if (more > 0) note.description += QLatin1Char('\n');
        note.description += MarkText::tr("saved %1 %2, %3, %4")
                                .arg(QString::fromStdString(saved.name), formatShape(saved.shape),
                                     formatBytes(saved.bytes), stateOf(saved, states[i]));
    }
}

void GraphMarks::readTensors(const trace::Trace& trace, std::size_t position) {
    std::unordered_map<std::uint64_t, std::vector<trace::Id>> shown; // nodes by the storage that their tensors show
    for (std::size_t i = 0; i < std::min(position, trace.events.size()); ++i) {
        const trace::Event& event = trace.events[i];
        if (event.value >= trace.values.size()) continue;
        const trace::Value& value = trace.values[event.value];
        const bool made = event.kind == trace::EventKind::forward;
        if (made && event.node < m_marks.size()) {
            TensorMarks& marks = m_marks[event.node];
            marks.retainsGrad = value.retains_grad;
            marks.isView = value.base != trace::none;
            marks.isChanged = value.version > 0 && !marks.isView;
        }
        if (!made || value.storage == 0) continue;
        std::vector<trace::Id>& nodes = shown[value.storage];
        // Written again in place: who shows these bytes shows others now.
        if (value.version > 0 && value.base == trace::none)
            for (trace::Id node : nodes)
                m_marks[node].isChanged = true;
        if (event.node < m_marks.size()) nodes.push_back(event.node);
    }
}

const SavedNote& GraphMarks::note(trace::Id node) const {
    static const SavedNote nothing;
    return node < m_notes.size() ? m_notes[node] : nothing;
}

const TensorMarks& GraphMarks::marks(trace::Id node) const {
    static const TensorMarks nothing;
    return node < m_marks.size() ? m_marks[node] : nothing;
}

QString GraphMarks::describe(trace::Id node) const {
    QStringList lines;
    const TensorMarks& is = marks(node);
    if (is.retainsGrad) lines << MarkText::tr("its output keeps its gradient (retain_grad)");
    if (is.isView) lines << MarkText::tr("its output is a view: it shares the bytes of its base");
    if (is.isChanged) lines << MarkText::tr("its output was changed in place");
    if (!note(node).text.isEmpty()) lines << note(node).description;
    return lines.join(QLatin1Char('\n'));
}

} // namespace hs::ui
