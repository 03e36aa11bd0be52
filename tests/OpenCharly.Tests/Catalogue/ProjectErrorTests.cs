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
    private const string Version = "version: 2026.163.0928\n";

    public static IEnumerable<object[]> Cases => ProjectErrorCases.Projects.Concat(ProjectErrorCases.Candies).Concat(ProjectErrorCases.Boxes);

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
        var place = WriteAll(ProjectErrorCases.Box("candy: [§\"@code.example.org/acme/known/candy/x:v1\"]"));
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
        WriteAll(ProjectErrorCases.Box("enabled: false\nbase: absent"));
        Assert.True((await new ValidateProject(new CharlyContext(Machine)).RunAsync()).IsValid);
        Assert.False((await new ValidateProject(new CharlyContext(Machine)).RunAsync(includeDisabled: true)).IsValid);
    }

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
