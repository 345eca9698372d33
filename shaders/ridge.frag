#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/scene.glsl"

layout(binding = 1) uniform usamplerBuffer words;

layout(location = 0) in vec2 pixel;
layout(location = 1) flat in vec4 rows;
layout(location = 2) flat in vec4 lines;
layout(location = 3) flat in vec4 color;
layout(location = 4) flat in vec4 surface;
layout(location = 5) flat in uvec3 data;
layout(location = 0) out vec4 result;

// Each pixel goes from the front ridge that can reach it to the one behind, until nothing behind can be seen. A panel
// so costs its area and not its steps.
void main() {
    float x = clamp(pixel.x / rows.w, 0.0, float(data.z - 1u));
    uint column = min(uint(x), data.z - 1u);
    uint first = frame.words + data.x + column;
    float between = x - float(column);
    float toHeight = rows.z / 4095.0;
    float margin = lines.y + 1.0;
    int last = int(data.y) - 1;
    float fade = (1.0 - lines.z) * 0.6 / float(max(last, 1));
    int front = min(int(floor((pixel.y + rows.z + margin - rows.x) / rows.y)), last);
    int back = max(int(ceil((pixel.y - margin - rows.x) / rows.y)), 0);

    // How much of the pixel is `color` and how much is `surface`; what is left is behind the panel.
    float inked = 0.0, hidden = 0.0;
    for (int row = front; row >= back; --row) {
        uint bin = texelFetch(words, int(first + uint(row) * data.z)).r;
        float left = float(bin & 0xfffu) * toHeight, right = float(bin >> 12 & 0xfffu) * toHeight;
        float toDistance = float(bin >> 24) * (1.0 / 255.0);
        float above = rows.x + float(row) * rows.y - pixel.y; // the base line
        float below = mix(left, right, between) - above;      // the ridge
        float d = below * toDistance;

        bool isNewest = row == last;
        float halfWidth = isNewest ? lines.y : lines.x;
        // A steep line ends at the height of its bins.
        float line = clamp(min(halfWidth - abs(d), max(left, right) - above + halfWidth) + 0.5, 0.0, 1.0);
        float inside = clamp(min(d, above) + 0.5, 0.0, 1.0);
        float free = 1.0 - inked - hidden;
        float lineHere = line * free, bodyHere = inside * (free - lineHere);
        float ink = isNewest ? 1.0 : lines.z + fade * float(row);
        float tint = isNewest ? lines.w : 0.0;
        inked += ink * lineHere + tint * bodyHere;
        hidden += (1.0 - ink) * lineHere + (1.0 - tint) * bodyHere;
        if (free - lineHere - bodyHere < 0.005) break;
    }
    result = color * inked + surface * hidden;
}
