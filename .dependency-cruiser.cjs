// The arrows between folders, as docs/architecture.md draws them: a folder may import itself and what it
// names here, nothing else of the project.
const mayKnow = {
  protocol: [],
  platform: [],
  random: [],
  schedulers: [],
  graph: [],
  images: ["platform", "protocol"],
  openvino: ["platform", "protocol"],
  hub: ["platform", "protocol"],
  conditioning: ["openvino", "protocol"],
  checkpoints: ["graph", "platform"],
  architectures: ["graph"],
  convert: ["architectures", "checkpoints", "graph", "openvino", "platform", "protocol"],
  pipelines: ["conditioning", "images", "openvino", "protocol", "random", "schedulers"],
  assets: ["images", "platform", "protocol"],
  models: [
    "conditioning",
    "convert",
    "checkpoints",
    "graph",
    "hub",
    "images",
    "openvino",
    "pipelines",
    "platform",
    "protocol",
    "schedulers",
  ],
  host: [
    "assets",
    "conditioning",
    "convert",
    "images",
    "models",
    "openvino",
    "pipelines",
    "platform",
    "protocol",
  ],
  client: ["platform", "protocol"],
  cli: ["assets", "client", "convert", "host", "images", "models", "openvino", "platform", "protocol"],
  extension: ["client", "platform", "protocol"],
};

// Packages that only some folders may load: native code stays out of the extension and out of pure logic.
const packages = {
  vscode: ["extension"],
  sharp: ["images"],
  koffi: ["openvino"],
  "openvino-node": ["openvino"],
  "@huggingface/tokenizers": ["conditioning"],
  "vscode-jsonrpc": ["client", "host"],
  "@huggingface/hub": ["hub"],
  undici: ["hub"],
  "proxy-from-env": ["hub"],
};

const folderRules = Object.entries(mayKnow).map(([folder, known]) => ({
  name: `${folder}-knows-only-its-own`,
  comment: `src/${folder} may import: ${known.join(", ") || "nothing else of the project"}`,
  severity: "error",
  from: { path: `^src/${folder}/` },
  to: { path: "^src/", pathNot: `^src/(${[folder, ...known].join("|")})/` },
}));

const packageRules = Object.entries(packages).map(([name, folders]) => ({
  name: `${name.replace(/\W/g, "-")}-stays-in-its-place`,
  severity: "error",
  from: { path: "^src/", pathNot: `^src/(${folders.join("|")})/` },
  to: { path: `(^|/)${name === "vscode" ? "vscode$" : `node_modules/${name}/`}` },
}));

module.exports = {
  forbidden: [
    {
      name: "webview-knows-only-the-protocol",
      comment: "the panel's page runs in a browser: the DOM, the messages, and what draws them",
      severity: "error",
      from: { path: "^webview/" },
      to: {
        pathNot: ["^webview/", "^src/protocol/", "node_modules/(@vscode-elements|lit|lit-html|zod)/"],
      },
    },
    {
      name: "page-packages-stay-in-the-page",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "node_modules/(@vscode-elements|@vscode/codicons|lit|lit-html)/" },
    },
    ...folderRules,
    ...packageRules,
    {
      name: "every-folder-is-named",
      comment: "a new folder under src needs its line in mayKnow above and in docs/architecture.md",
      severity: "error",
      from: { path: "^src/", pathNot: `^src/(${Object.keys(mayKnow).join("|")})/` },
      to: {},
    },
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "product-never-imports-tests",
      severity: "error",
      from: { path: "^(src|webview)/" },
      to: { path: "^(test|bench|scripts|packaging)/" },
    },
    {
      name: "protocol-imports-zod-only",
      severity: "error",
      from: { path: "^src/protocol/" },
      to: { dependencyTypes: ["npm", "npm-dev", "core"], pathNot: "node_modules/zod/" },
    },
    {
      name: "no-unresolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^vscode$" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // Its packages are its own, and not there before they are needed.
    exclude: { path: "^test/code/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
