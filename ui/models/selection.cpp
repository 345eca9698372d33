#include "ui/models/selection.h"

#include <algorithm>

namespace hs::ui {

void Selection::selectModule(const std::string& path) {
    const bool otherModule = path != m_module;
    if (!otherModule && !m_value) return;
    m_module = path;
    m_value.reset();
    if (otherModule) emit moduleChanged();
    emit valueChanged();
}

void Selection::selectValue(const trace::ValueKey& key) {
    if (m_value == key) return;
    const bool otherModule = key.module != m_module;
    m_module = key.module;
    m_value = key;
    if (otherModule) emit moduleChanged();
    emit valueChanged();
}

void Selection::selectEvent(trace::Id event) {
    if (event == m_event) return;
    m_event = event;
    emit eventChanged();
}

void Selection::selectNode(trace::Id node) {
    if (node == m_node) return;
    m_node = node;
    emit nodeChanged();
}

void Selection::setSample(int sample) {
    sample = std::max(sample, 0);
    if (sample == m_sample) return;
    m_sample = sample;
    emit sampleChanged();
}

void Selection::clear() {
    selectModule({});
    selectEvent(trace::none);
    selectNode(trace::none);
    setSample(0);
}

} // namespace hs::ui
