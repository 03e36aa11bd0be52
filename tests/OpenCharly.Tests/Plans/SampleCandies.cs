using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Tests.Plans;

/// <summary>Candies that together use every field that a plan is made from, with their files in a temporary folder.</summary>
internal sealed class SampleCandies : IDisposable
{
    private static readonly SourcePosition Here = new("charly.yml", 1, 1);

    public SampleCandies() => Root = Directory.CreateTempSubdirectory("charly-candies-").FullName;

    public string Root { get; }

    public IReadOnlyList<Candy> All =>
        [Weather(), Mirrors(), Files(), Scripts(), Downloads(), Services(), Shells(), Builders(), Appliance()];

    public void Dispose() => Directory.Delete(Root, recursive: true);

    public static CandyTask Task(string verb, string value, string user = "root") => new() { Verb = verb, Value = value, User = user, Position = Here };

    public static CandyService Service(string name) => new() { Name = name, Position = Here };

    public Candy New(string name, params (string Path, string Text)[] files)
    {
        var folder = Path.Combine(Root, "candy", name);
        Directory.CreateDirectory(folder);
        foreach (var (path, text) in files)
        {
            var file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
            File.SetUnixFileMode(file, path.EndsWith(".sh", StringComparison.Ordinal) ? (UnixFileMode)0b111_101_101 : (UnixFileMode)0b110_100_100);
        }

        return new Candy { Name = name, Version = "2026.150.0900", Folder = folder, SourceFolder = folder, ProjectFolder = Root, Position = Here };
    }

    /// <summary>Packages, sections of every kind, one repository a format.</summary>
    public Candy Weather() => New("weather") with
    {
        Packages = ["curl"],
        Sections =
        [
            new PackageSection { Tag = "deb", Packages = ["jq"], Options = ["--no-install-recommends"] },
            new PackageSection
            {
                Tag = "debian", Packages = ["wx-cli", "curl"],
                Repositories = [new PackageRepository { Name = "wx", Url = "https://wx.example.org/apt", Key = "https://wx.example.org/k.asc" }],
            },
            new PackageSection { Tag = "debian:13", Packages = ["wx-extra"] },
            new PackageSection
            {
                Tag = "fedora", Packages = ["wx-cli", "wx-gui"], Exclude = ["wx-doc*"], Coprs = ["@wx/stable"], Modules = ["wxdb:9"], Options = ["--setopt=install_weak_deps=False"],
                Repositories =
                [
                    new PackageRepository { Name = "wx", Url = "https://wx.example.org/rpm", Key = "https://wx.example.org/k.asc" },
                    new PackageRepository { Name = "wx-nightly", Url = "https://wx.example.org/nightly", GpgCheck = false },
                ],
            },
            new PackageSection
            {
                Tag = "arch", Packages = ["wx"], Keys = ["0123456789ABCDEF"],
                Repositories = [new PackageRepository { Name = "wx", Server = "https://wx.example.org/$arch" }],
                Aur = new AurSection(["wx-git"], [], ["wx-bin"]),
            },
        ],
        Builders = ["aur"],
    };

    /// <summary>The less usual shapes of repositories.</summary>
    public Candy Mirrors() => New("mirrors") with
    {
        Sections =
        [
            new PackageSection
            {
                Tag = "debian", Packages = ["mirror-tool"],
                Repositories =
                [
                    new PackageRepository { Name = "flat", Url = "https://mirror.example.org/flat", Suite = "/", SignedBy = "/usr/share/keyrings/flat.asc", Key = "https://mirror.example.org/flat.asc" },
                    new PackageRepository { Name = "plain", Url = "https://mirror.example.org/plain", Suite = "trixie", Components = "main contrib" },
                ],
            },
            new PackageSection { Tag = "ubuntu", Packages = ["mirror-tool"], Repositories = [new PackageRepository { Ppa = "mirrors/stable" }] },
            new PackageSection
            {
                Tag = "fedora", Packages = ["mirror-tool"],
                Repositories =
                [
                    new PackageRepository { ReleasePackage = "https://mirror.example.org/release-$(rpm -E %fedora).noarch.rpm" },
                    new PackageRepository { Name = "mirror", Url = "https://mirror.example.org/mirror.repo" },
                ],
            },
            new PackageSection { Tag = "pac", Packages = ["mirror-tool"] },
        ],
    };

    /// <summary>Tasks that place things.</summary>
    public Candy Files() => New("files", ("motd", "hello\n"), ("site/index.html", "<p>hi</p>\n"), ("site/bin/run.sh", "#!/bin/sh\n"), ("site/a b.txt", "blank\n")) with
    {
        Variables = new Dictionary<string, string> { ["SITE"] = "/srv/site", ["NESTED"] = "${SITE}/deep" },
        Tasks =
        [
            Task("mkdir", "${SITE}"),
            Task("mkdir", "~/bin", "${USER}") with { Mode = "0700" },
            Task("mkdir", "/var/lib/wx", "wx") with { Mode = "0750" },
            Task("copy", "motd") with { To = "/etc/motd" },
            Task("copy", "motd", "${USER}") with { To = "${HOME}/.config/wx/", Mode = "0600" },
            Task("copy", "motd", "wx:wx") with { To = "/var/lib/wx/motd" },
            Task("copy", "site") with { To = "${NESTED}" },
            Task("copy", "site", "${USER}") with { To = "~/site", Mode = "0755" },
            Task("write", "/etc/wx.conf") with { Content = "home=$HOME\nkey='it''s' `x` \\ \"q\"" },
            Task("write", "/usr/local/bin/wx") with { Content = "#!/bin/sh\nexec true\n", Mode = "0755" },
            Task("write", "~/.wxrc", "${USER}") with { Content = "a=1\n", Mode = "0600" },
            Task("write", "/var/lib/wx/state", "1234:5678") with { Content = "s\n", Mode = "04711" },
            Task("link", "/usr/local/bin/weather") with { To = "wx" },
            Task("link", "~/bin/wx", "${USER}") with { To = "${HOME}/site/bin/run.sh" },
            Task("setcap", "/usr/local/bin/wx") with { Capabilities = "cap_net_raw=ep" },
            Task("setcap", "/usr/local/bin/wx") with { Capabilities = "" },
        ],
    };

    /// <summary>Tasks that run things, with variables, secrets and the candy's own files.</summary>
    public Candy Scripts() => New("scripts", ("tool.sh", "#!/bin/sh\necho tool\n"), ("data/x.txt", "x\n")) with
    {
        Variables = new Dictionary<string, string> { ["WX_VERSION"] = "1.2" },
        EnvRequire = [new CandyRequirement("WX_CITY", "Where it rains", null, "Vienna")],
        EnvAccept = [new CandyRequirement("WX_UNIT", "Unit", null, null), new CandyRequirement("WX_LANG", "Language", null, "en")],
        SecretRequire = [new CandyRequirement("WX_TOKEN", "Token", null, null)],
        SecretAccept = [new CandyRequirement("WX_BACKUP", "Backup key", null, null)],
        Tasks =
        [
            Task("cmd", "echo \"$WX_VERSION for ${ARCH}\"\n/ctx/tool.sh 'it'\n"),
            Task("cmd", "# only a comment first\ncat /srv/ctx/no /ctx/data/x.txt >~/out", "${USER}") with { Environment = new Dictionary<string, string> { ["WX_VERSION"] = "9 $x", ["A"] = "it's" } },
            Task("cmd", "id -un", "wx"),
            Task("cmd", "/ctx/tool.sh", "1234:5678"),
        ],
    };

    /// <summary>Downloads of every archive type.</summary>
    public Candy Downloads() => New("downloads") with
    {
        Variables = new Dictionary<string, string> { ["VERSION"] = "3.1" },
        Tasks =
        [
            Task("download", "https://dl.example.org/wx-${VERSION}-${ARCH}") with { To = "/usr/local/bin/wxd" },
            Task("download", "https://dl.example.org/wx-${BUILD_ARCH}.tar.gz") with { To = "/usr/local", StripComponents = 1, Include = ["wx-${BUILD_ARCH}/bin/wx", "./wx/man/wx.1"], Mode = "0755" },
            Task("download", "https://dl.example.org/wx.tar.xz", "${USER}") with { To = "~/.local/wx" },
            Task("download", "https://dl.example.org/wx.tar.zst?download=1") with { To = "/opt/wx-${ARCH}" },
            Task("download", "https://dl.example.org/wx.zip", "wx") with { To = "/opt/wx", StripComponents = 2, Include = ["a/b/[x]-y"], Mode = "0644" },
            Task("download", "https://dl.example.org/install.sh", "${USER}") with { Uninstall = ["~/bin/wx-installed"], Environment = new Dictionary<string, string> { ["PREFIX"] = "~/x" } },
            Task("download", "https://dl.example.org/setup", "wx") with { Extract = "sh" },
            Task("download", "https://dl.example.org/data", "${USER}") with { To = "${HOME}/data.bin", Extract = "none", Mode = "0640" },
        ],
    };

    /// <summary>Services of both managers, custom and packaged.</summary>
    public Candy Services() => New("services") with
    {
        Packages = ["wxd"],
        Services =
        [
            Service("poller") with
            {
                Enable = true, Exec = "%(ENV_HOME)s/bin/poll --token %(ENV_TOKEN)s", Restart = "unless-stopped", User = "wx", WorkingDirectory = "~/poll",
                After = ["network-online.target", "wxd.service"], Before = ["wxweb.service"], WantedBy = ["graphical.target"], StopTimeout = 5, StopSignal = "INT",
                StandardOutput = "file:${HOME}/poll.log",
                Environment = new Dictionary<string, string> { ["B"] = "two words", ["A"] = "$HOME/a", ["C"] = "100%\\ \"q\"" },
            },
            Service("tray") with { IsUser = true, Enable = true, Exec = "tray \\\n  --quiet", Restart = "no", StandardOutput = "none", User = "ignored" },
            Service("idle") with { Exec = "/usr/bin/true", Restart = "on-failure" },
            Service("wxd") with
            {
                PackagedUnit = "wxd.service", Enable = true,
                Overrides = new ServiceOverrides(new Dictionary<string, string> { ["MODE"] = "fast" }, ["time-sync.target"], "/usr/sbin/wxd --fast"),
            },
            Service("wxd") with { Exec = "/usr/sbin/wxd", Enable = true },
            Service("wxd-timer") with { PackagedUnit = "wxd.timer", Enable = true },
            Service("agent") with { PackagedUnit = "wx-agent.socket", IsUser = true, Overrides = new ServiceOverrides(new Dictionary<string, string>(), ["dbus.socket"], null) },
        ],
    };

    /// <summary>Environment, PATH and snippets.</summary>
    public Candy Shells() => New("shells") with
    {
        Environment = new Dictionary<string, string> { ["WX_HOME"] = "~/wx", ["WX_DATA"] = "${HOME}/d:$HOME/e:$HOMEX", ["EDITOR"] = "vi", ["EMPTY"] = "" },
        PathEntries = ["~/wx/bin", "/opt/wx/bin"],
        Shell = new ShellBlock(
            new ShellLines("eval \"$(wx hook ${SHELL_NAME})\"\n", ["~/.wx/bin"], null),
            new Dictionary<string, ShellLines>
            {
                ["fish"] = new ShellLines("wx hook fish | source", ["~/it's"], null),
                ["zsh"] = new ShellLines("source ~/.wx.zsh", [], "/etc/zsh/wx.zsh"),
            },
            40),
    };

    /// <summary>Every language builder.</summary>
    public Candy Builders() => New(
        "builders",
        ("package.json", """{"dependencies": {"wx-npm": "^2.0.0", "@wx/cli": "*"}}"""),
        ("pixi.toml", "[project]\nname = \"wx\"\n"),
        ("pixi.lock", "version: 6\n"),
        ("Cargo.toml", "[package]\nname = \"wx\" # here\n[[bin]]\nname = \"wx-one\"\n[[bin]]\nname = 'wx-two'\n"),
        ("src/main.rs", "fn main() {}\n")) with
    {
        Builders = ["cargo", "npm", "pixi"],
    };

    /// <summary>What only some targets know: reboot, android packages, package sources, container fields.</summary>
    public Candy Appliance() => New("appliance", ("pkg/deb/debian/control", "Source: wx\n"), ("pkg/rpm/wx.spec", "Name: wx\n")) with
    {
        Tasks = [Task("mkdir", "/srv/appliance"), Task("build", "all")],
        LocalPackages = new Dictionary<string, string> { ["deb"] = "pkg/deb", ["rpm"] = "pkg/rpm" },
        Apks = [new ApkPackage("org.example.wx", null, "f-droid", null, "1")],
        Reboot = true,
        Ports = [new CandyPort(8080, "http")],
        PortRelays = [8080],
        Volumes = [new CandyVolume("data", "/data")],
        Data = [new CandyData("d", "data", null)],
        Aliases = new Dictionary<string, string> { ["wx"] = "wx" },
        Route = new CandyRoute("wx.example.org", 8080),
        Security = new SecuritySettings(),
        Secrets = [new CandySecret("s", "S", "/run/secrets/s")],
        EnvProvide = new Dictionary<string, string> { ["WX_URL"] = "http://{{.ContainerName}}" },
        McpProvide = [new McpEndpoint("wx", "http://mcp.example.org", "http")],
        Hooks = new Dictionary<string, string> { ["post_enable"] = "true" },
        Engine = "podman",
        Extracts = [new CandyExtract("img", "/a", "/b")],
        LibvirtFragments = ["<x/>"],
    };
}
