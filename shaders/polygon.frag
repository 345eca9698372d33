#version 450

layout(location = 0) in vec2 pixel;
layout(location = 1) flat in vec4 points[4];
layout(location = 5) flat in vec4 fill;
layout(location = 6) flat in vec4 outline;
layout(location = 7) flat in float outlineWidth;
layout(location = 0) out vec4 result;

// Distance to the line from a to b, negative on its right (inside of a clockwise polygon); repeated corners do not count.
float beyond(vec2 a, vec2 b) {
    vec2 d = b - a;
    float size = length(d);
    return size > 1e-3 ? dot(pixel - a, vec2(d.y, -d.x)) / size : -1e6;
}

void main() {
    float d = max(max(max(beyond(points[0].xy, points[0].zw), beyond(points[0].zw, points[1].xy)),
                      max(beyond(points[1].xy, points[1].zw), beyond(points[1].zw, points[2].xy))),
                  max(max(beyond(points[2].xy, points[2].zw), beyond(points[2].zw, points[3].xy)),
                      max(beyond(points[3].xy, points[3].zw), beyond(points[3].zw, points[0].xy))));
    float whole = clamp(0.5 - d, 0.0, 1.0);
    float inner = clamp(0.5 - d - outlineWidth, 0.0, 1.0);
    vec4 edge = outline + fill * (1.0 - outline.a);
    result = mix(edge, fill, inner) * whole;
}
