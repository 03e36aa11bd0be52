using System.Security.Cryptography;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Tests.Model;

namespace OpenCharly.Tests.Catalogue;

/// <summary>
/// One project for each way to be wrong. Its files are written in one text, each after a line with <c>== path</c>, and
/// the mark § stands where the error must be found. The whole validation must find that error and no other, and touch nothing.
/// </summary>
public sealed class ProjectErrorTests : ProjectFixture
{
    public static TheoryData<string, string> Cases => new()
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

        // References.
        { "REF001", "== charly.yml\n" + Version + "local:\n  a: {candy: [§\"\"]}\n" },
        { "REF002", Box("candy: [§curlx]") },
        { "REF003", Box("candy: [§\"@code.example.org/acme:v1\"]") },
        { "REF004", Box("candy: [§\"@code.example.org/acme/absent/candy/x:v1\"]") },
        { "REF005", Box("candy: [§\"@code.example.org/acme/known/candy/x:v1\"]") },
        { "REF006", Box("candy: [§other]") + "== box/other/charly.yml\nbox: {name: other, distro: debian, build: deb}\n" },
        { "REF007", Box("candy: [§./missing.yml]") },
        { "REF008", Box("candy: [§nowhere.curl]") },

        // Candies.
        { "CND001", Candy("§pakage: [curl]\npackage: [curl]") },
        { "CND001", Candy("package: [curl]\ndistro: {§debain: {package: [x]}}") },
        { "CND002", Empty + "== candy/demo/charly.yml\ncandy:\n  §name: demo\n" + Described + "  package: [curl]\n" },
        { "CND002", Empty + "== candy/demo/charly.yml\ncandy:\n  name: demo\n  version: §one\n" + Described + "  package: [curl]\n" },
        { "CND003", Empty + "== candy/demo/charly.yml\ncandy:\n  §name: demo\n  version: 2026.150.0900\n  package: [curl]\n" },
        { "CND004", Candy("").Replace("  name: demo", "  §name: demo", StringComparison.Ordinal) },
        { "CND005", Candy("package: [curl]\ndirectory: §absent") },
        { "CND005", Candy("package: [curl]\ndirectory: §/etc") },
        { "CND006", Candy("package: [curl]\nrequire: [§absent]") },
        { "CND006", Candy("package: [curl]\nrequire: [§demo]") },
        { "CND006", Candy("package: [curl]\nrequire: [§tool]\ncandy: [tool]") + Tool },
        { "CND007", Candy("package: [curl]\nrequire: [tool]") + Tool.Replace("package: [tool]", "package: [tool]\n  require: [§demo]", StringComparison.Ordinal) },
        { "CND008", Candy("env: {§PATH: /x}") },
        { "CND009", Candy("package: [curl]\nvar: {§lower: x}") },
        { "CND009", Candy("package: [curl]\nvar: {§HOME: x}") },
        { "CND009", Candy("env: {A: x}\nvar: {§A: y}") },
        { "CND010", Candy("package: [curl]\nport: [§70000]") },
        { "CND010", Candy("package: [curl]\nport: [§\"gopher:70\"]") },
        { "CND010", Candy("package: [curl]\nport_relay: [§80]") },
        { "CND010", Candy("package: [curl]\nport: [80]\nport_relay: [80]") + BoxOf("candy: [§demo]") },
        { "CND011", Candy("package: [curl]\nvolume: [{name: §Data, path: /data}]") },
        { "CND011", Candy("package: [curl]\nalias: [§{name: x}]") },
        { "CND012", Candy("package: [curl]\nroute: {host: x.example.org, port: §none}").Replace("port: §none", "port: §0", StringComparison.Ordinal) },
        { "CND013", Candy("package: [curl]\nvolume: [{name: v, path: /v}]\ndata: [{src: §absent, volume: v}]") },
        { "CND013", Candy("package: [curl]\ndata: [{src: seed, volume: v}]") + "== candy/demo/seed/x\nx\n" + BoxOf("candy: [§demo]") },
        { "CND014", Candy("package: [curl]\nenv_accept: [§{name: A}]") },
        { "CND014", Candy("package: [curl]\nsecret_accept: [{name: A, description: d, key: §elsewhere}]") },
        { "CND014", Candy("package: [curl]\nenv_provide: §{A: \"{{.Secret}}\"}") },
        { "CND015", Candy("shell: {§ksh: {init: x}, init: y}") },
        { "CND015", Candy("shell: {init: §\" \"}") },
        { "CND016", Candy("task: [{mkdir: /x}]\ndistro: §{debian: {repo: [{name: x, url: \"https://x.example.org\"}]}}") },
        { "CND016", Candy("package: [curl]\ndistro: {debian: {repo: [§{url: \"https://x.example.org\"}]}}") },
        { "CND017", Candy("apk: [§{package: a, apk: b}]") },
        { "CND017", Candy("apk: [{package: a, source: §somewhere}]") },
        { "CND018", Candy("package: [curl]\nlibvirt: §[\"<devices>\"]") },
        { "CND018", Candy("package: [curl]\nengine: §rkt") },
        { "CND018", Candy("package: [curl]\nextract: [{source: i, path: §relative, dest: /x}]") },
        { "CND018", Candy("package: [curl]\nengine: docker") + Tool.Replace("package: [tool]", "package: [tool]\n  engine: podman", StringComparison.Ordinal) + BoxOf("candy: [demo, §tool]") },
        { "CND019", Empty + "== candy/demo/Cargo.toml\n[package]\n" + Candy("").Replace(Empty, "", StringComparison.Ordinal).Replace("  name: demo", "  §name: demo", StringComparison.Ordinal) },
        { "CND019", Empty + "== candy/demo/pixi.toml\nx\n== candy/demo/pyproject.toml\nx\n" + Candy("").Replace(Empty, "", StringComparison.Ordinal).Replace("  name: demo", "  §name: demo", StringComparison.Ordinal) },
        { "CND020", Candy("package: [curl]\nrequires_capability: [preserve_user]") + BoxOf("candy: [§demo]") },
        { "CND020", Candy("package: [curl]\ncapability: {oci_label: {a: one}}") + Tool.Replace("package: [tool]", "package: [tool]\n  capability: {oci_label: {a: two}}", StringComparison.Ordinal) + BoxOf("candy: [demo, §tool]") },

        // Tasks.
        { "TSK001", Candy("task: [§{user: root}]") },
        { "TSK001", Candy("task: [§{cmd: ls, mkdir: /x}]") },
        { "TSK002", Candy("task: [{mkdir: /x, user: §\"a b\"}]") },
        { "TSK002", Candy("task: [{mkdir: /x, mode: §755}]") },
        { "TSK003", Candy("task: [{mkdir: §x}]") },
        { "TSK003", Candy("task: [{mkdir: §/x/../../etc}]") },
        { "TSK004", Candy("task: [{copy: §absent, to: /x}]") },
        { "TSK004", Candy("task: [{copy: §../x, to: /x}]") },
        { "TSK004", Candy("task: [{copy: §x}]") + "== candy/demo/x\nx\n" },
        { "TSK005", Candy("task: [{write: §/x, content: \"\"}]") },
        { "TSK005", Candy("task: [{cmd: §\" \"}]") },
        { "TSK005", Candy("task: [{link: §/x}]") },
        { "TSK006", Candy("task: [{download: §\"https://x.example.org/x.tar.gz\"}]") },
        { "TSK006", Candy("task: [{download: \"https://x.example.org/x\", to: /x, extract: §rar}]") },
        { "TSK007", Candy("task: [{mkdir: /x, cache: §[/c]}]") },
        { "TSK007", Candy("task: [{cmd: ls, cache: §[c]}]") },
        { "TSK008", Candy("task: [{setcap: /x, caps: §everything}]") },
        { "TSK008", Candy("task: [{build: §some}]") },
        { "TSK009", Candy("task: [{mkdir: §\"/x/${NOPE}\"}]") },

        // Services.
        { "SVC001", Candy("service: [§{name: a}]") },
        { "SVC001", Candy("package: [p]\nservice: [§{name: a, exec: x, use_packaged: y}]") },
        { "SVC001", Candy("service: [{name: a, exec: x}, §{name: a, exec: y}]") },
        { "SVC002", Candy("package: [p]\nservice: [{name: a, use_packaged: §a/b}]") },
        { "SVC002", Candy("service: [{name: a, use_packaged: §a.service}]") },
        { "SVC003", Candy("service: [{name: a, exec: x, restart: §never}]") },
        { "SVC003", Candy("service: [{name: a, exec: x, scope: §global}]") },
        { "SVC003", Candy("service: [{name: a, exec: x, stdout: §\"file:relative\"}]") },
        { "SVC004", Candy("package: [p]\nservice: [{name: own, use_packaged: charly-demo-a}, §{name: a, exec: x}]") },

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

        // Checks.
        { "CHK001", Candy("package: [curl]").Replace("{id: e, file: /x}", "§{id: e}", StringComparison.Ordinal) },
        { "CHK001", Candy("package: [curl]").Replace("{id: e, file: /x}", "§{id: e, file: /x, package: y}", StringComparison.Ordinal) },
        { "CHK001", Candy("package: [curl]").Replace("{id: e, file: /x}", "{id: e, file: /x}, {id: §e, file: /y}", StringComparison.Ordinal) },
        { "CHK001", Candy("package: [curl]").Replace("{id: e, file: /x}", "{id: e, command: ls, stdout: §{contain: x}}", StringComparison.Ordinal) },
        { "CHK001", Candy("package: [curl]").Replace("{id: e, file: /x}", "{id: e, addr: §\"127.0.0.1:${HOST_PORT:80}\"}", StringComparison.Ordinal) },
    };

    private const string Version = "version: 2026.163.0928\n";
    private const string Empty = "== charly.yml\n" + Version;
    private const string Described = "  description: {feature: f, scenario: [{name: s, step: [{then: it works}]}]}\n  eval: [{id: e, file: /x}]\n";
    private const string Tool = "== candy/tool/charly.yml\ncandy:\n  name: tool\n  version: 2026.150.0900\n" + Described + "  package: [tool]\n";
    private static readonly string Data = Candy("volume: [{name: v, path: /v}]\ndata: [{src: seed, volume: v}]").Replace(Empty, "", StringComparison.Ordinal) + "== candy/demo/seed/x\nx\n";

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_mistake_in_a_project_has_its_code_and_place(string code, string text)
    {
        var place = WriteAll(text);
        Write("../known/charly.yml", Version);
        Variables["CHARLY_REPO_OVERRIDE"] = $"code.example.org/acme/known={Path.Combine(Root, "known")}";
        Variables["CHARLY_REPO_URL_BASE"] = "file://" + Path.Combine(Root, "remote");
        var before = Photograph();
        var report = await new ValidateProject(new CharlyContext(Machine)).RunAsync();
        var found = Assert.Single(report.Errors.Where(p => p.Code.Id == code).DistinctBy(p => p.Position));
        Assert.Equal([code], report.Errors.Select(p => p.Code.Id).Distinct());
        Assert.Equal(place, found.Position!.ToString());
        Assert.NotEmpty(found.Help);
        Assert.Equal(before, Photograph());
    }

    [Fact]
    [CatalogueCode("CFG003")]
    public async Task An_old_deploy_file_of_the_host_is_found_as_well()
    {
        Write("charly.yml", Version);
        var old = Path.Combine(new HostPaths(Machine).Config, "deploy.yml");
        Directory.CreateDirectory(Path.GetDirectoryName(old)!);
        File.WriteAllText(old, "deploy: {}\n");
        var report = await new ValidateProject(new CharlyContext(Machine)).RunAsync();
        Assert.Equal($"{old}:1:1: CFG003: {old} was renamed to charly.yml", Assert.Single(report.Errors).ToString());
    }

    [Fact]
    [CatalogueCode("CFG007")]
    public async Task A_malformed_override_is_named_where_it_is_used()
    {
        var place = WriteAll(Box("candy: [§\"@code.example.org/acme/known/candy/x:v1\"]"));
        foreach (var wrong in new[] { "nonsense", "a/b=/tmp", "code.example.org/acme/known=/not/there" })
        {
            Variables["CHARLY_REPO_OVERRIDE"] = wrong;
            var before = Photograph();
            var found = Assert.Single((await new ValidateProject(new CharlyContext(Machine)).RunAsync()).Errors);
            Assert.Equal(("CFG007", place), (found.Code.Id, found.Position!.ToString()));
            Assert.Equal(before, Photograph());
        }
    }

    [Fact]
    public async Task Everything_wrong_in_many_files_is_told_at_once_although_some_can_not_be_read_at_all()
    {
        Write("charly.yml", Version + "import: [gone.yml]\nlocal:\n  a: {}\n");
        Write("candy/torn/charly.yml", "candy: {name: [\n");
        Write("candy/typo/charly.yml", "candy: {name: typo, pakage: [x]}\n");
        Write("box/torn/charly.yml", "box: {\n");
        File.WriteAllBytes(Write("box/binary/charly.yml", ""), [0x7f, (byte)'E', (byte)'L', (byte)'F', 0xff, 0xfe, 0]);
        var errors = (await new ValidateProject(new CharlyContext(Machine)).RunAsync()).Errors.ToList();
        Assert.All(errors, p => Assert.NotNull(p.Position));
        foreach (var (file, code) in new[] { ("charly.yml", "CFG005"), ("charly.yml", "CFG011"), ("candy/torn/charly.yml", "yaml.syntax"), ("candy/typo/charly.yml", "CND001"), ("box/torn/charly.yml", "yaml.syntax"), ("box/binary/charly.yml", "yaml.syntax") })
        {
            Assert.Contains(errors, p => p.Code.Id == code && p.Position!.File == file);
        }
    }

    [Fact]
    public async Task A_disabled_box_is_looked_at_only_on_request()
    {
        WriteAll(Box("enabled: false\nbase: absent"));
        Assert.True((await new ValidateProject(new CharlyContext(Machine)).RunAsync()).IsValid);
        Assert.False((await new ValidateProject(new CharlyContext(Machine)).RunAsync(includeDisabled: true)).IsValid);
    }

    private static string Candy(string body) =>
        Empty + "== candy/demo/charly.yml\ncandy:\n  name: demo\n  version: 2026.150.0900\n" + Described + Indent(body);

    private static string Box(string body) => Empty + BoxOf(body);

    private static string BoxOf(string body) => "== box/shop/charly.yml\nbox:\n  name: shop\n  distro: debian\n  build: deb\n" + Indent(body);

    private static string Indent(string body) => body.Length == 0 ? "" : string.Concat(body.Split('\n').Select(l => $"  {l}\n"));

    // Writes the files of a case and gives the place that its mark stands for.
    private string WriteAll(string text)
    {
        string? place = null;
        foreach (var part in text.Split("== ", StringSplitOptions.RemoveEmptyEntries))
        {
            var end = part.IndexOf('\n', StringComparison.Ordinal);
            var (file, content) = (part[..end], part[(end + 1)..]);
            var at = content.IndexOf('§', StringComparison.Ordinal);
            if (at >= 0) place = $"{file}:{content[..at].Count(c => c == '\n') + 1}:{at - content[..at].LastIndexOf('\n')}";
            Write(file, content.Replace("§", "", StringComparison.Ordinal));
        }

        return place ?? "";
    }

    // The cache of repositories keeps lock files.
    private string[] Photograph() =>
    [
        .. Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).Where(f => !f.Contains("/.cache/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(f => $"{f} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(f)))} {File.GetLastWriteTimeUtc(f):O}"),
    ];
}
