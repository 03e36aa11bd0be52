using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Tests.Boxes;

public sealed class BoxLabelTests
{
    private static readonly BoxLabels Full = new()
    {
        Version = "2026.200.0915",
        Box = "notes",
        Registry = "registry.example.org/team",
        IsBootc = true,
        Uid = 1001,
        Gid = 1002,
        User = "app",
        Home = "/home/app",
        Ports = [new ContainerPort(5353, true), new ContainerPort(8080, false)],
        PortProtocols = new Dictionary<int, string> { [8080] = "https+insecure" },
        PortRelays = [9222],
        Volumes = [new CandyVolume("charly-notes-data", "/home/app/data")],
        Aliases = new Dictionary<string, string> { ["ll"] = "ls -l 'a b' \"c\"" },
        Security = new SecuritySettings { Privileged = false, CapAdd = ["SYS_NICE"], Devices = ["/dev/fuse"], Mounts = ["tmpfs:/run"], ShmSize = "256m", MemoryMax = "2g", Cpus = "1.5" },
        Network = "host",
        Environment = [new("TZ", "UTC"), new("A", "x=y"), new("EMPTY", "")],
        EnvironmentByCandy = new Dictionary<string, IReadOnlyList<string>> { ["clock"] = ["TZ"] },
        PathEntries = ["/opt/notes/bin"],
        Hooks = new Dictionary<string, string> { ["post_enable"] = "echo one\necho two\n" },
        Routes = [new LabelRoute("web", "notes.example.org", 8080)],
        Init = "supervisord",
        Services = [new LabelService("notes", "web", true, false)],
        ServiceNames = new Dictionary<string, IReadOnlyList<string>> { ["supervisord"] = ["notes"] },
        Distros = ["debian:13", "debian"],
        Formats = ["deb"],
        BuildersUsed = new Dictionary<string, string> { ["npm"] = "builder" },
        BuildersProvided = ["npm", "cargo"],
        CandyVersions = new Dictionary<string, string> { ["web"] = "2026.150.0900" },
        Secrets = [new CandySecret("db-password", "DB_PASSWORD", "/run/secrets/db-password")],
        Data = [new LabelData("data", "/data/data/seed/", "web", "seed")],
        IsDataImage = true,
        EnvProvide = new Dictionary<string, string> { ["NOTES_URL"] = "http://{{.ContainerName}}:{{.ContainerPort 8080}}" },
        EnvRequire = [new CandyRequirement("KEY", "A key", null, "k")],
        EnvAccept = [new CandyRequirement("OTHER", "Another", null, null)],
        SecretRequire = [new CandyRequirement("TOKEN", "A token", "charly/api/token", null)],
        SecretAccept = [new CandyRequirement("MORE", "More", null, null)],
        McpProvide = [new McpEndpoint("notes", "http://{{.ContainerName}}/mcp", "sse")],
        McpRequire = [new CandyRequirement("search", "Search", null, null)],
        McpAccept = [new CandyRequirement("chat", "Chat", null, null)],
        Checks = """[{"id":"a","file":"/x"}]""",
        Description = "Notes",
        Shell = """{"bash":{"init":"true"}}""",
        Status = "working",
        Info = "early preview",
        Skill = "notes",
        CheckLevel = "deploy",
    };

    [Fact]
    public void What_is_written_is_read_back_whole()
    {
        var written = BoxLabelWriter.Write(Full);
        var read = BoxLabelReader.Read("notes", Map(written));
        Assert.Equivalent(Full, read, strict: true);
        Assert.Equal(written, BoxLabelWriter.Write(read));
    }

    [Fact]
    public void Every_property_has_a_label_of_its_own()
    {
        // A box with everything set writes one label a property, and one list of services an init system.
        Assert.Equal(typeof(BoxLabels).GetProperties().Count(p => p.Name != "EqualityContract"), BoxLabelWriter.Write(Full).Count);
        Assert.All(BoxLabelWriter.Write(Full), l => Assert.StartsWith("ai.opencharly.", l.Key, StringComparison.Ordinal));
        Assert.Equal(BoxLabelWriter.Write(Full).Select(l => l.Key).Distinct(), BoxLabelWriter.Write(Full).Select(l => l.Key));
    }

    [Fact]
    public void Empty_values_write_no_label()
    {
        var written = BoxLabelWriter.Write(new BoxLabels { Version = "2026.200.0915", Security = new SecuritySettings() });
        Assert.Equal(["version", "uid", "gid", "user", "home", "status"], written.Select(l => l.Key["ai.opencharly.".Length..]));
    }

    [Fact]
    public void Absent_labels_have_the_defaults_of_the_specification()
    {
        var read = BoxLabelReader.Read("x", new Dictionary<string, string> { ["ai.opencharly.version"] = "2026.1.1", ["ai.opencharly.user"] = "ann", ["other"] = "[" });
        Assert.Equal((1000, 1000, "ann", "/home/ann", "testing"), (read.Uid, read.Gid, read.User, read.Home, read.Status));
        Assert.Null(read.Security);
        Assert.Null(read.Init);
        Assert.Empty(read.Ports);
    }

    [Fact]
    public void Labels_of_old_versions_are_read()
    {
        var read = BoxLabelReader.Read("x", new Dictionary<string, string>
        {
            ["ai.opencharly.version"] = "2026.1.1",
            ["ai.opencharly.image"] = "notes",
            ["ai.opencharly.env_layer"] = """{"clock":["TZ"]}""",
            ["ai.opencharly.layer_version"] = """{"clock":"2026.1.1"}""",
            ["ai.opencharly.security"] = """{"device":["/dev/kvm"],"mount":["/a:/b"]}""",
        });
        Assert.Equal("notes", read.Box);
        Assert.Equal(["TZ"], read.EnvironmentByCandy["clock"]);
        Assert.Equal("2026.1.1", read.CandyVersions["clock"]);
        Assert.Equal(["/dev/kvm"], read.Security!.Devices);
        Assert.Equal(["/a:/b"], read.Security.Mounts);
    }

    [Fact]
    public void An_image_without_a_version_is_no_box()
    {
        var error = Assert.Throws<CharlyException>(() => BoxLabelReader.Read("registry.example.org/x:1", new Dictionary<string, string> { ["ai.opencharly.box"] = "x" }));
        Assert.Equal(Errors.ImageMetadata, error.Code);
        Assert.Equal("image registry.example.org/x:1 has no embedded metadata; rebuild it", error.Message);
    }

    [Theory]
    [InlineData("port", "[\"99999\"]")]
    [InlineData("port", "[")]
    [InlineData("port", "{}")]
    [InlineData("port_proto", """{"web":"tcp"}""")]
    [InlineData("port_relay", """["x"]""")]
    [InlineData("uid", "ann")]
    [InlineData("uid", "-1")]
    [InlineData("bootc", "perhaps")]
    [InlineData("env", """["TZ"]""")]
    [InlineData("volume", """[{"name":"x"}]""")]
    [InlineData("volume", """["x"]""")]
    [InlineData("security", "[]")]
    [InlineData("security", """{"privileged":"much"}""")]
    [InlineData("secret_require", """[{"description":"x"}]""")]
    public void A_label_that_can_not_be_read_is_named(string label, string value)
    {
        var labels = new Dictionary<string, string> { ["ai.opencharly.version"] = "2026.1.1", ["ai.opencharly." + label] = value };
        var error = Assert.Throws<CharlyException>(() => BoxLabelReader.Read("notes:1", labels));
        Assert.Equal(Errors.ImageMetadata, error.Code);
        Assert.Contains($"image notes:1: the label ai.opencharly.{label} ", error.Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Map(IEnumerable<KeyValuePair<string, string>> labels) => labels.ToDictionary(l => l.Key, l => l.Value);
}
