/** What a model's file calls our landmarker. */
import spec from "../../../data/keypoints.json";

export type Body = "full" | "lite";
export const landmarkerName = (body: Body, stride = 1) =>
  `slr-keypoints-${spec.version}-${body}${stride > 1 ? `;every=${stride}` : ""}`;
