// The page that tests/end_to_end/test_frames.py drives, built as the product is.

import { mergeConfig } from "vite";

import product from "../../../vite.config";

export default mergeConfig(product, { root: import.meta.dirname, publicDir: false });
