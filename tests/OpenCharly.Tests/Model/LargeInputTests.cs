using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Plans;
using OpenCharly.Tests.Plans;

namespace OpenCharly.Tests.Model;

/// <summary>Input that is long, deep, wide or grows when it is read: it is handled in good time, or refused at a place.</summary>
public sealed class LargeInputTests : ProjectFixture
{
    private const string Version = "version: 2026.163.0928\n";
    private const int Many = 40_000;

    [Fact]
    public async Task A_candy_of_ten_thousand_lines_is_read_whole_and_its_last_mistake_is_found()
    {
        Write("charly.yml", Version);
        var text = new StringBuilder("candy:\n  name: long\n  version: 2026.150.0900\n  task:\n");
        for (var i = 0; i < 5000; i++) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"    - write: /srv/long/{i}\n      content: \"{i}\"\n");
        Write("candy/long/charly.yml", text.ToString());
        var candy = (await LoadAsync()).Candies.Find("long")!;
        Assert.Equal(5000, candy.Tasks.Count);
        Assert.Equal(10_003, candy.Tasks[^1].Position.Line);
        var plan = Plan.Compile("debian:13", candy);
        Assert.Equal(5000, plan.Steps.Count);
        Assert.Contains("/srv/long/4999", StepScripts.Render(plan.Steps[^1], plan).Body, StringComparison.Ordinal);
        Write("candy/long/charly.yml", text.Append("    - wirte: /srv/long/last\n      content: x\n").ToString());
        var problem = Assert.Single((await LoadAsync()).Candies.Problems("long"));
        Assert.Equal(("TSK001", "candy/long/charly.yml:10005:7", "Did you mean \"write\"?"), (problem.Code.Id, problem.Position!.ToString(), problem.Help));
    }

    [Fact]
    public async Task A_script_of_ten_thousand_lines_reaches_the_plan_as_it_is()
    {
        Write("charly.yml", Version);
        var script = string.Concat(Enumerable.Range(0, 10_000).Select(i => $"echo 'line {i}' \\\\ \"$HOME\"\n"));
        WriteCandy("long", "task:\n- user: ${USER}\n  cmd: |\n" + string.Concat(script.Split('\n')[..^1].Select(l => $"    {l}\n")).TrimEnd('\n'));
        var candy = (await LoadAsync()).Candies.Find("long")!;
        Assert.Equal(script, candy.Tasks[0].Value);
        using var bash = new BashRun();
        Directory.CreateDirectory(bash["home"]);
        var plan = PlanCompiler.Compile(Plan.InSandbox(bash, candy));
        var said = bash.Run(StepScripts.Render(plan.Steps[0], plan).Body).Output.Split('\n');
        Assert.Equal(10_001, said.Length);
        Assert.StartsWith("line 9999 \\ /", said[9999], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("require: [{0}]", "c{0}")]
    [InlineData("candy: [{0}]", "c{0}")]
    [InlineData("package: [{0}]", "p{0}")]
    [InlineData("distro: {debian: {package: [{0}]}, debian-13: {package: [{0}]}, \"debian,deb\": {package: [{0}]}}", "p{0}")]
    [InlineData("env: {{0}}", "V{0}: x")]
    [InlineData("var: {{0}}", "V{0}: x")]
    [InlineData("env: {{0}}", "\"V {0}\": x")]
    [InlineData("path_append: [{0}]", "/x/{0}")]
    [InlineData("task: [{0}]", "{mkdir: /x/{0}}")]
    [InlineData("task: [{0}]", "{mkdirr: /x/{0}}")]
    [InlineData("task: [{0}]", "{mkdir: /x, k{0}: y}")]
    [InlineData("task: [{cmd: ls, env: {{0}}}]", "V{0}: x")]
    [InlineData("service: [{0}]", "{name: s{0}, exec: x}")]
    [InlineData("port: [{0}]", "{0}")]
    [InlineData("port_relay: [{0}]", "{0}")]
    [InlineData("volume: [{0}]", "{name: v{0}, path: /v}")]
    [InlineData("alias: [{0}]", "{name: a{0}, command: x}")]
    [InlineData("data: [{0}]", "{src: ., volume: v{0}}")]
    [InlineData("secret: [{0}]", "{name: s{0}, env: V{0}}")]
    [InlineData("env_require: [{0}]", "{name: V{0}, description: d}")]
    [InlineData("env_accept: [{0}]\nenv_require: [{0}]", "{name: V{0}, description: d}")]
    [InlineData("env_provide: {{0}}\nsecret_accept: [{name: A, description: d}]", "V{0}: x")]
    [InlineData("mcp_provide: [{0}]", "{name: m{0}, url: u}")]
    [InlineData("artifact: [{0}]", "{name: m{0}, path: /x, retrieve_to: y}")]
    [InlineData("eval: [{0}]", "{id: e{0}, file: /x}")]
    [InlineData("eval: [{0}]", "{id: e{0}, filee: /x}")]
    [InlineData("description: {feature: f, scenario: [{name: s, example: [{0}], step: [{then: x}]}]}", "{a: \"{0}\"}")]
    [InlineData("shell: {init: x, path_append: [{0}]}", "/p{0}")]
    [InlineData("libvirt: [{0}]", "\"<a n='{0}'/>\"")]
    [InlineData("distro: {{0}}", "q{0}: {package: [x]}")]
    [InlineData("{0}", "k{0}: x")]
    public void However_many_items_a_list_has_reading_it_does_not_get_out_of_hand(string template, string item)
    {
        // With a cost that grows with the square of the number, one of these alone would take minutes.
        var isBlock = template == "{0}";
        var items = string.Join(isBlock ? "\n" : ", ", Enumerable.Range(1, Many).Select(i => item.Replace("{0}", i.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)));
        var body = template.Replace("{0}", items, StringComparison.Ordinal);
        var text = "candy:\n  name: wide\n" + string.Concat(body.Split('\n').Select(l => $"  {l}\n"));
        var problems = new List<Problem>();
        CandyReader.ReadText(text, Path.Combine(Folder, "charly.yml"), new CandyOrigin(Folder) { DisplayName = "f.yml" }, problems);
        Assert.All(problems.Take(100), p => Assert.NotNull(p.Position));
    }

    [Fact]
    public async Task A_long_chain_of_candies_is_followed_to_its_end()
    {
        const int Length = 3000;
        var text = new StringBuilder(Version + "discover: []\ncandy:\n");
        for (var i = 0; i < Length; i++) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"  c{i}: {{version: 2026.150.0900, package: [p{i}], require: [c{i + 1}]}}\n");
        Write("charly.yml", text + $"  c{Length}: {{version: 2026.150.0900, package: [last]}}\n");
        var project = await LoadAsync();
        Assert.Equal(["last"], Order(project, "c0")[0].Packages);
        Write("charly.yml", text + $"  c{Length}: {{version: 2026.150.0900, package: [last], require: [c0]}}\n");
        project = await LoadAsync();
        var error = Assert.Throws<CharlyException>(() => Order(project, "c0"));
        Assert.Equal(Errors.CandyCycle, error.Code);
        Assert.Contains(await ValidateAsync(), p => p.Code == Errors.CandyCycle && p.Position!.Line == Length + 4);
    }

    [Fact]
    public async Task A_long_chain_of_compositions_is_followed_to_its_end()
    {
        const int Length = 3000;
        var text = new StringBuilder(Version + "discover: []\ncandy:\n");
        for (var i = 0; i < Length; i++) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"  c{i}: {{version: 2026.150.0900, candy: [c{i + 1}]}}\n");
        Write("charly.yml", text + $"  c{Length}: {{version: 2026.150.0900, package: [last]}}\n");
        Assert.Equal([$"c{Length}"], Order(await LoadAsync(), "c0").Select(c => c.Name));
        Write("charly.yml", text + $"  c{Length}: {{version: 2026.150.0900, candy: [c0]}}\n");
        var project = await LoadAsync();
        Assert.Equal(Errors.CandyCycle, Assert.Throws<CharlyException>(() => Order(project, "c0")).Code);
        Assert.Contains(await ValidateAsync(), p => p.Code == Errors.CandyCycle && p.Position!.Line == Length + 4);
    }

    [Fact]
    public async Task A_lattice_of_compositions_does_not_take_every_way_through_it()
    {
        // Thirty levels of two, each composed of both below: a thousand million ways from top to bottom.
        var text = new StringBuilder(Version + "discover: []\ncandy:\n");
        for (var i = 0; i < 30; i++)
        {
            foreach (var side in "ab") text.Append(System.Globalization.CultureInfo.InvariantCulture, $"  {side}{i}: {{version: 2026.150.0900, candy: [a{i + 1}, b{i + 1}]}}\n");
        }

        Write("charly.yml", text + "  a30: {version: 2026.150.0900, package: [x]}\n  b30: {version: 2026.150.0900, package: [y]}\n");
        Assert.Equal(["a30", "b30"], Order(await LoadAsync(), "a0").Select(c => c.Name));
        Assert.DoesNotContain(await ValidateAsync(), p => p.Code == Errors.CandyCycle);
    }

    [Fact]
    public async Task A_long_chain_of_bases_is_followed_to_its_end()
    {
        var text = new StringBuilder(Version + "box:\n");
        for (var i = 0; i < 400; i++) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"  b{i}: {{base: b{i + 1}}}\n");
        Write("charly.yml", text + "  b400: {base: \"registry.example.org/base:1\", distro: debian, build: deb}\n");
        Assert.Empty(await ValidateAsync());
        Write("charly.yml", text + "  b400: {base: b0, distro: debian, build: deb}\n");
        Assert.Equal(Errors.BoxBase, Assert.Single(await ValidateAsync()).Code);
    }

    [Theory]
    [InlineData("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n", "a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n")]
    [InlineData("a0: &a0 {k0: v}\n", "a{0}: &a{0} {<<: [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}], k{0}: v}\n")]
    [InlineData("a0: &a0 {x: y}\n", "a{0}: &a{0} {l: *a{1}, m: *a{1}, n: *a{1}, o: *a{1}, p: *a{1}, q: *a{1}, r: *a{1}, s: *a{1}}\n")]
    public async Task A_bomb_in_any_file_is_an_error_at_its_place_and_the_rest_is_still_looked_at(string first, string level)
    {
        var bomb = first + string.Concat(Enumerable.Range(1, 20).Select(i => level.Replace("{0}", $"{i}", StringComparison.Ordinal).Replace("{1}", $"{i - 1}", StringComparison.Ordinal)));
        foreach (var file in new[] { "charly.yml", "more.yml", "candy/bomb/charly.yml", "box/bomb/charly.yml" })
        {
            Write("charly.yml", Version + "import: [more.yml]\nlocal:\n  a: {}\n");
            Write("more.yml", "local:\n  b: {candy: []}\n");
            Write("candy/bomb/charly.yml", "candy: {name: bomb, version: 2026.150.0900, package: [x]}\n");
            Write("box/bomb/charly.yml", "box: {name: bomb, distro: debian, build: deb}\n");
            Write("candy/typo/charly.yml", "candy: {name: typo, pakage: [x]}\n");
            Write(file, file == "charly.yml" ? Version + bomb : file.StartsWith("candy", StringComparison.Ordinal) ? "candy:\n" + string.Concat(bomb.Split('\n').Select(l => $"  {l}\n")) : bomb);
            var problems = await ValidateAsync();
            var limit = Assert.Single(problems, p => p.Code == Errors.YamlLimit);
            Assert.Equal(file, limit.Position!.File);
            Assert.True(limit.Position.Line > 3);
            Assert.Contains(problems, p => p.Code == Errors.CandyUnknownKey);
        }
    }

    [Fact]
    public async Task A_chain_of_aliases_that_nests_deeply_is_read_or_refused_but_never_the_end_of_the_process()
    {
        var deep = "candy:\n  name: deep\n  a0: &a0 [x]\n" + string.Concat(Enumerable.Range(1, 20_000).Select(i => $"  a{i}: &a{i} [*a{i - 1}]\n"));
        Write("charly.yml", Version);
        Write("candy/deep/charly.yml", deep);
        Assert.Contains(await ValidateAsync(), p => p.Position!.File == "candy/deep/charly.yml" && !p.IsWarning);
    }

    [Theory]
    [InlineData("7f454c460201010000000000000000000300")]
    [InlineData("89504e470d0a1a0a0000000d49484452")]
    [InlineData("1f8b0800000000000003")]
    [InlineData("fffe630061006e0064007900")]
    [InlineData("00000000")]
    [InlineData("63616e64793a0a20206e616d653a20c328")]
    public async Task A_binary_file_is_no_YAML_wherever_it_lies(string bytes)
    {
        foreach (var file in new[] { "charly.yml", "more.yml", "vm.yml", "candy/odd/charly.yml", "box/odd/charly.yml" })
        {
            Write("charly.yml", Version + "import: [more.yml]\n");
            Write("more.yml", "local: {}\n");
            foreach (var other in new[] { "vm.yml", "candy/odd/charly.yml", "box/odd/charly.yml" }.Select(f => Path.Combine(Folder, f)).Where(File.Exists)) File.Delete(other);
            File.WriteAllBytes(Write(file, ""), Convert.FromHexString(bytes));
            var problem = Assert.Single(await ValidateAsync(), p => !p.IsWarning);
            Assert.Equal(("yaml.syntax", file), (problem.Code.Id, problem.Position!.File));
            Assert.Equal(bytes, Convert.ToHexStringLower(File.ReadAllBytes(Path.Combine(Folder, file))));
        }
    }

    private async Task<IReadOnlyList<Problem>> ValidateAsync() => (await new ValidateProject(new CharlyContext(Machine)).RunAsync()).Problems;

    private IReadOnlyList<Candy> Order(Project project, string root)
    {
        var resolver = new ReferenceResolver(Machine, Loader);
        return CandyGraph.Order([project.Candies.Find(root)!], (reference, from) => resolver.ResolveMemberAsync(project, from, reference).GetAwaiter().GetResult(), new CandyGraphOptions());
    }
}
