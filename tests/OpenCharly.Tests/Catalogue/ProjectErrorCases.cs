namespace OpenCharly.Tests.Catalogue;

/// <summary>
/// Projects that are wrong in one way each. The files of one are written in one text, each after a line with <c>== path</c>,
/// and the mark § stands where the error must be found. Here are the files themselves, references, boxes and checks.
/// </summary>
internal static partial class ProjectErrorCases
{
    internal const string Version = "version: 2026.163.0928\n";
    internal const string Empty = "== charly.yml\n" + Version;
    internal const string Described = "  description: {feature: f, scenario: [{name: s, step: [{then: it works}]}]}\n  eval: [{id: e, file: /x}]\n";
    internal const string Tool = "== candy/tool/charly.yml\ncandy:\n  name: tool\n  version: 2026.150.0900\n" + Described + "  package: [tool]\n";
    internal static readonly string Data = Candy("volume: [{name: v, path: /v}]\ndata: [{src: seed, volume: v}]").Replace(Empty, "", StringComparison.Ordinal) + "== candy/demo/seed/x\nx\n";

    public static TheoryData<string, string> Projects => new()
    {
        // Files and their shapes.
        { "CFG001", "== charly.yml\n§- a list\n" },
        { "CFG001", "== charly.yml\n§nothing: known\n" },
        { "CFG001", Empty + "== box/b/charly.yml\n§\"just text\"\n" },
        { "CFG002", "== charly.yml\n" + Version + "§candy: {name: x}\n" },
        { "CFG002", Empty + "== candy/demo/charly.yml\ncandy: {name: demo}\n§box: {}\n" },
        { "CFG003", "== charly.yml\n" + Version + "§images: {}\n" },
        { "CFG003", "== charly.yml\n" + Version + "defaults:\n  §port: 80\n" },
        { "CFG003", Candy("§tasks: []\npackage: [curl]") },
        { "CFG003", Candy("§debian: {package: [curl]}\npackage: [curl]") },
        { "CFG003", Candy("package: [curl]\nlocalpkg: §folder") },
        { "CFG003", Box("§platforms: [linux/amd64]") },
        { "CFG003", "== charly.yml\n" + Version + "deploy:\n  a: {target: §host}\n" },
        { "CFG003", "== charly.yml\n" + Version + "local:\n  a: {candy: [], §image: x}\n" },
        { "CFG004", "== charly.yml\nversion: §2025.001.0000\n" },
        { "CFG004", "== charly.yml\nversion: §2030.001.0000\n" },
        { "CFG004", "== charly.yml\nversion: §yesterday\n" },
        { "CFG004", "== charly.yml\n§discover: [candy]\n" },
        { "CFG005", "== charly.yml\n" + Version + "import: [§missing.yml]\n" },
        { "CFG005", "== charly.yml\n" + Version + "import: [{§Not_An_Alias: more.yml}]\n== more.yml\nlocal: {}\n" },
        { "CFG005", "== charly.yml\n" + Version + "import: [{a: one}, {§a: two}]\n== one/charly.yml\n" + Version + "== two/charly.yml\n" + Version },
        { "CFG005", "== charly.yml\n" + Version + "import: [more.yml]\n== more.yml\n§import: [even.yml]\n== even.yml\nimport: [more.yml]\n" },
        { "CFG008", "== charly.yml\n" + Version + "deploy:\n  a: {target: local, nested: {§b.c: {target: local}}}\n" },
        { "CFG008", "== charly.yml\n" + Version + "eval:\n  a.b: §{target: local}\n" },
        { "CFG008", "== charly.yml\n" + Version + "deploy:\n  a: {target: local}\neval:\n  a: §{target: local}\n" },
        { "CFG009", "== charly.yml\n" + Version + "deploy:\n  a: §{target: pod}\n" },
        { "CFG009", "== charly.yml\n" + Version + "deploy:\n  a: {target: local, local: §nope}\n" },
        { "CFG009", "== charly.yml\n" + Version + "deploy:\n  a: {target: k8s, k8s: §nope}\n" },
        { "CFG010", "== charly.yml\n" + Version + "deploy:\n  a: {target: local, host: §\"-oProxyCommand=x\"}\n" },
        { "CFG010", "== charly.yml\n" + Version + "deploy:\n  a: {target: local, host: b@c, user: §d}\n" },
        { "CFG010", "== charly.yml\n" + Version + "deploy:\n  a: {target: local, ssh_arg: §[-4]}\n" },
        { "CFG011", "== charly.yml\n" + Version + "local:\n  a: §{env: {A: b}}\n" },
        { "CFG001", Empty + "== candy/demo/charly.yml\n§- x\n" },
        { "CFG001", Empty + "== candy/demo/charly.yml\n§candyy: {name: demo}\n" },
        { "CFG001", "== charly.yml\n" + Version + "discover: [§{recursive: true}]\n" },
        { "CFG001", "== charly.yml\n" + Version + "discover: [§[a]]\n" },
        { "CFG001", "== charly.yml\n" + Version + "discover: [{path: candy, manifest: §a/b.yml}]\n" },
        { "CFG003", Empty + "== candy/demo/charly.yml\ncandy: {name: demo, version: 2026.150.0900}\n---\n§candy: {name: other}\n" },
        { "CFG003", Empty + "== candy/demo/charly.yml\n§name: demo\nenv: {A: b}\n" },
        { "CFG003", Candy("package: [curl]").Replace("description: {feature: f, scenario:", "description: §free text\n  scenario:", StringComparison.Ordinal).Replace("works}]}]}", "works}]}]", StringComparison.Ordinal) },
        { "CFG005", "== charly.yml\n" + Version + "import: [a1.yml]\n" + string.Concat(Enumerable.Range(1, 9).Select(i => $"== a{i}.yml\n{(i == 9 ? "§" : "")}import: [a{i + 1}.yml]\n")) },
        { "CFG005", "== charly.yml\n" + Version + "import: [§[a]]\n" },
        { "CFG005", "== charly.yml\n" + Version + "import: [{a: one}, more.yml]\n== more.yml\nimport: [{a: §two}]\n== one/charly.yml\n" + Version + "== two/charly.yml\n" + Version },
        { "CFG008", "== charly.yml\n" + Version + "deploy:\n  a: {target: local, peer: {§b.c: {target: local}}}\n" },
        { "CFG008", "== charly.yml\n" + Version + "deploy:\n  a: {target: local}\n  b: {target: local, peer: {a: §{target: local}}}\n" },
        { "CFG008", Empty + "== candy/demo/charly.yml\ncandy:\n  name: §other\n  version: 2026.150.0900\n" + Described + "  package: [curl]\n" },
        { "CFG009", "== charly.yml\n" + Version + "deploy:\n  a: {target: vm, vm: §nope}\n" },
        { "CFG009", "== charly.yml\n" + Version + "deploy:\n  a: {target: local, nested: {b: §{target: pod}}}\n" },
        { "CFG010", "== charly.yml\n" + Version + "deploy:\n  a: {target: local, host: h, user: §\"a b\"}\n" },
        { "CFG010", "== charly.yml\n" + Version + "deploy:\n  a: {target: local, user: §b}\n" },
        { "CFG010", "== charly.yml\n" + Version + "deploy:\n  a: {target: local, host: §\"h:99999\"}\n" },
        { "CFG010", "== charly.yml\n" + Version + "deploy:\n  a: {target: local, host: §\"a@b@c\"}\n" },

        // References.
        { "REF001", "== charly.yml\n" + Version + "local:\n  a: {candy: [§\"\"]}\n" },
        { "REF002", Box("candy: [§curlx]") },
        { "REF003", Box("candy: [§\"@code.example.org/acme:v1\"]") },
        { "REF004", Box("candy: [§\"@code.example.org/acme/absent/candy/x:v1\"]") },
        { "REF005", Box("candy: [§\"@code.example.org/acme/known/candy/x:v1\"]") },
        { "REF006", Box("candy: [§other]") + "== box/other/charly.yml\nbox: {name: other, distro: debian, build: deb}\n" },
        { "REF007", Box("candy: [§./missing.yml]") },
        { "REF008", Box("candy: [§nowhere.curl]") },
        { "REF002", "== charly.yml\n" + Version + "local:\n  a: {candy: [§absent]}\n" },
        { "REF002", "== charly.yml\n" + Version + "deploy:\n  a: {target: local, add_candy: [§absent]}\n" },
        { "REF002", "== charly.yml\n" + Version + "deploy:\n  a: {target: pod, box: §absent}\n" },
        { "REF003", Box("candy: [§\"github.com/acme\"]") },
        { "REF003", Box("candy: [§\"github.com/acme/a@-x\"]") },
        { "REF006", "== charly.yml\n" + Version + "deploy:\n  a: {target: local, add_candy: [§other]}\n== box/other/charly.yml\nbox: {name: other, distro: debian, build: deb}\n" },
        { "REF007", Box("candy: [§./odd]") + "== odd/charly.yml\nneither: 1\n" },
        { "REF008", "== charly.yml\n" + Version + "import: [{base: other}]\nlocal:\n  a: {candy: [§bace.x]}\n== other/charly.yml\n" + Version },
    };

    public static TheoryData<string, string> Boxes => new()
    {
        // Boxes.
        { "BOX001", Box("base: §absent") },
        { "BOX001", Box("base: §other") + "== box/other/charly.yml\nbox: {name: other, distro: debian, build: deb, enabled: false}\n" },
        { "BOX001", "== charly.yml\n" + Version + "defaults: {distro: debian, build: deb}\nbox:\n  a: {base: §a}\n" },
        { "BOX002", Box("base: \"registry.example.org/base:1\"\nfrom: §\"builder:debootstrap\"") },
        { "BOX002", Box("data_image: §true\nbase: \"registry.example.org/base:1\"\ncandy: [demo]") + Data },
        { "BOX002", Box("data_image: §true") },
        { "BOX002", Box("data_image: true\ncandy: [demo, §tool]") + Data + Tool.Replace("package: [tool]", "port: [80]\n  package: [tool]", StringComparison.Ordinal) },
        { "BOX003", Empty + "== box/shop/charly.yml\nbox:\n  §name: shop\n  distro: debian\n" },
        { "BOX003", Empty + "== box/shop/charly.yml\nbox:\n  name: shop\n  distro: debian\n  build: [§zip]\n" },
        { "BOX003", Empty + "== box/shop/charly.yml\nbox:\n  name: shop\n  distro: debian\n  build: [deb, §deb]\n" },
        { "BOX003", Empty + "== box/shop/charly.yml\nbox:\n  name: shop\n  base: §\"registry.example.org/base:1\"\n  build: [deb]\n" },
        { "BOX004", Box("builder: {pixie: §shop2}") },
        { "BOX004", Box("builder: {pixi: §absent}") },
        { "BOX004", Box("builder: {pixi: §shop}") },
        { "BOX004", Box("builder: {pixi: §maker}") + "== box/maker/charly.yml\nbox: {name: maker, distro: debian, build: deb}\n" },
        { "BOX004", Box("builder: {pixi: §maker}") + "== box/maker/charly.yml\nbox: {name: maker, distro: debian, build: deb, enabled: false, produce: pixi}\n" },
        { "BOX004", Candy("") + "== candy/demo/pixi.toml\nx\n" + BoxOf("candy: [§demo]") },
        { "BOX005", "== charly.yml\n" + Version + "defaults: {jobs: §0}\n" },
        { "BOX005", "== charly.yml\n" + Version + "defaults: {cache: §everything}\n" },
        { "BOX006", Box("user_policy: §adopt") },
        { "BOX006", Box("user_policy: §sometimes") },
        { "BOX007", Candy("service: [{name: a, exec: x}]") + BoxOf("candy: [§demo]") },
        { "BOX008", "== charly.yml\n" + Version + "defaults: {tunnel: tailscale}\n" + Candy("package: [curl]\nport: [\"ssh:22\"]").Replace(Empty, "", StringComparison.Ordinal) + BoxOf("candy: [§demo]") },
        { "BOX008", "== charly.yml\n" + Version + "defaults: {tunnel: §carrier-pigeon}\n" + BoxOf("candy: []") },
        { "BOX001", "== charly.yml\n" + Version + "defaults: {distro: debian, build: deb}\nbox:\n  a: {base: b}\n  b: {base: §a}\n" },
        { "BOX002", Box("from: §debootstrap") },
        { "BOX002", Box("data_image: true\ncandy: [demo, §tool]") + Data + Tool.Replace("package: [tool]", "service: [{name: s, exec: x}]\n  package: [tool]", StringComparison.Ordinal) },
        { "BOX005", "== charly.yml\n" + Version + "defaults: {podman_jobs: §-1}\n" },
        { "BOX005", "== charly.yml\n" + Version + "defaults: {podman_jobs_cap: §0}\n" },
        { "BOX005", "== charly.yml\n" + Version + "defaults: {keep_images: §many}\n" },
        { "BOX005", "== charly.yml\n" + Version + "defaults: {keep_eval_runs: §-1}\n" },

        // Checks.
        { "CHK001", Candy("package: [curl]").Replace("{id: e, file: /x}", "§{id: e}", StringComparison.Ordinal) },
        { "CHK001", Candy("package: [curl]").Replace("{id: e, file: /x}", "§{id: e, file: /x, package: y}", StringComparison.Ordinal) },
        { "CHK001", Candy("package: [curl]").Replace("{id: e, file: /x}", "{id: e, file: /x}, {id: §e, file: /y}", StringComparison.Ordinal) },
        { "CHK001", Candy("package: [curl]").Replace("{id: e, file: /x}", "{id: e, command: ls, stdout: {§contain: x}}", StringComparison.Ordinal) },
        { "CHK001", Candy("package: [curl]").Replace("{id: e, file: /x}", "{id: e, command: ls, stdout: [{contains: [a, §\"${HOST_PORT:80}\"]}]}", StringComparison.Ordinal) },
        { "CHK001", Candy("package: [curl]").Replace("{id: e, file: /x}", "{id: e, addr: §\"127.0.0.1:${HOST_PORT:80}\"}", StringComparison.Ordinal) },
        { "CHK001", Candy("package: [curl]").Replace("{id: e, file: /x}", "§text", StringComparison.Ordinal) },
        { "CHK001", Candy("package: [curl]").Replace("{id: e, file: /x}", "{id: e, file: /x, timeout: §soon}", StringComparison.Ordinal) },
        { "CHK001", Candy("package: [curl]").Replace("{id: e, file: /x}", "{id: e, file: §relative}", StringComparison.Ordinal) },
        { "CHK001", Candy("package: [curl]").Replace("{id: e, file: /x}", "{id: e, command: ls, stdout: {matches: §\"(\"}}", StringComparison.Ordinal) },
        { "CHK001", Candy("package: [curl]").Replace("{id: e, file: /x}", "{id: e, command: ls, stdout: §{contains: a, equals: b}}", StringComparison.Ordinal) },
        { "CHK001", Candy("package: [curl]").Replace("{id: e, file: /x}", "{id: e, file: /x, count: §0}", StringComparison.Ordinal) },
        { "CHK001", Candy("package: [curl]").Replace("{then: it works}", "§{file: /x}", StringComparison.Ordinal) },
        { "CHK001", Candy("package: [curl]").Replace("{then: it works}", "§{then: it works, when: x}", StringComparison.Ordinal) },
    };

    internal static string Candy(string body) =>
        Empty + "== candy/demo/charly.yml\ncandy:\n  name: demo\n  version: 2026.150.0900\n" + Described + Indent(body);

    internal static string Box(string body) => Empty + BoxOf(body);

    internal static string BoxOf(string body) => "== box/shop/charly.yml\nbox:\n  name: shop\n  distro: debian\n  build: deb\n" + Indent(body);

    internal static string Indent(string body) => body.Length == 0 ? "" : string.Concat(body.Split('\n').Select(l => $"  {l}\n"));
}
