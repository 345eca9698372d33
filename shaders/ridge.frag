#version 450

layout(std430, binding = 1) readonly buffer Words { uint words[]; };

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
    uint left = min(uint(x), data.z - 1u), right = min(left + 1u, data.z - 1u);
    float between = x - float(left);
    float margin = lines.y + 1.0;
    int last = int(data.y) - 1;
    int front = min(int(floor((pixel.y + rows.z + margin - rows.x) / rows.y)), last);
    int back = max(int(ceil((pixel.y - margin - rows.x) / rows.y)), 0);

    vec4 sum = vec4(0.0);
    for (int row = front; row >= back; --row) {
        uint at = data.x + uint(row) * data.z;
        float leftHeight = uintBitsToFloat(words[at + left]) * rows.z;
        float rightHeight = uintBitsToFloat(words[at + right]) * rows.z;
        float base = rows.x + float(row) * rows.y;
        float slope = (rightHeight - leftHeight) / rows.w;
        float below = pixel.y - (base - mix(leftHeight, rightHeight, between));
        float d = below * inversesqrt(1.0 + slope * slope);

        float halfWidth = row == last ? lines.y : lines.x;
        float line = clamp(halfWidth + 0.5 - abs(d), 0.0, 1.0);
        // A steep line ends at the height of its bins.
        line = min(line, clamp(pixel.y - (base - max(leftHeight, rightHeight)) + halfWidth + 0.5, 0.0, 1.0));
        float age = last > 0 ? float(row) / float(last) : 1.0;
        vec4 ink = mix(surface, color, row == last ? 1.0 : lines.z + (1.0 - lines.z) * 0.6 * age);
        sum += ink * (line * (1.0 - sum.a));

        vec4 body = row == last ? mix(surface, color, lines.w) : surface;
        float inside = clamp(d + 0.5, 0.0, 1.0) * clamp(base - pixel.y + 0.5, 0.0, 1.0);
        sum += body * (inside * (1.0 - sum.a));
        if (sum.a > 0.995) break;
    }
    result = sum;
}
