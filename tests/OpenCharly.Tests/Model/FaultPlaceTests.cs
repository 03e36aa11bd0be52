using OpenCharly.Foundation;

namespace OpenCharly.Tests.Model;

/// <summary>One fault is one error, with its position on the very item, name or value that is wrong: behind the mark in these texts.</summary>
public sealed class FaultPlaceTests : ProjectFixture
{
    private const char Mark = '⟦';

    [Theory]
    [InlineData("package: [x]\npath_append: [/a, ⟦rel]", "CND009")]
    [InlineData("package: [x]\npath_append: [/a, ⟦'/a:b']", "CND009")]
    [InlineData("package: [x]\nroute: {host: h, port: ⟦x}", "CND012")]
    [InlineData("package: [x]\nroute: {host: h, port: ⟦[80]}", "CND012")]
    [InlineData("package: [x]\nport: ⟦{a: b}", "CND010")]
    [InlineData("package: [x]\nenv_require: [{name: A, description: d}]\nenv_accept: [{name: ⟦A, description: d}]", "CND014")]
    [InlineData("package: [x]\nenv_require: [{name: A, description: ⟦[d]}]", "yaml.type")]
    [InlineData("package: [x]\nenv_provide: {A: b, C: ⟦\"{{.Foo}}\"}", "CND014")]
    [InlineData("package: [x]\nenv_provide: {A: b, ⟦1C: d}", "CND014")]
    [InlineData("package: [x]\nsecret_accept: [{name: A, description: d}]\nenv_provide: {⟦A: b}", "CND014")]
    [InlineData("package: [x]\nshell: {init: x, path_append: [/a, ⟦rel]}", "CND015")]
    [InlineData("env: {A: b}\ndistro: {debian: {⟦repo: [{name: a, url: x}]}}", "CND016")]
    [InlineData("env: {A: b}\ndistro: {\"debian,ubuntu\": {⟦repos: [{name: a, url: x}]}}", "CND016")]
    [InlineData("env: {A: b}\ndistro: {fedora: {⟦copr: [a/b]}}", "CND016")]
    [InlineData("env: {A: b}\ndistro: {fedora: {⟦module: [a]}}", "CND016")]
    [InlineData("distro: {fedora: {package: [a], exclude: [b, ⟦'-c']}}", "name.invalid")]
    [InlineData("package: [x]\nlibvirt: ['<a/>', ⟦'<a>']", "CND018")]
    [InlineData("package: [x]\nvolume: [{name: a, path: ⟦[/x]}]", "yaml.type")]
    [InlineData("package: [x]\nsecurity: {cap_add: [a, ⟦'']}", "yaml.type")]
    [InlineData("task:\n  - {write: /x, content: ⟦''}", "TSK005")]
    [InlineData("task:\n  - {write: /x, content: ⟦[a]}", "yaml.type")]
    [InlineData("task:\n  - {mkdir: ⟦[/x]}", "yaml.type")]
    [InlineData("task:\n  - {command: ⟦[x]}", "yaml.type")]
    [InlineData("task:\n  - {copy: charly.yml, to: ⟦[/x]}", "yaml.type")]
    [InlineData("task:\n  - {link: /x, to: ⟦[/x]}", "yaml.type")]
    [InlineData("task:\n  - {link: /x, to: ⟦'${NOPE}'}", "TSK009")]
    [InlineData("task:\n  - {mkdir: /x, ⟦cache: [/y]}", "TSK007")]
    [InlineData("task:\n  - {cmd: x, cache: [/a, ⟦rel]}", "TSK007")]
    [InlineData("task:\n  - {cmd: x, env: {A: b, ⟦1B: c}}", "CND009")]
    [InlineData("task:\n  - {cmd: x, run_as: ⟦'a b'}", "TSK002")]
    [InlineData("task:\n  - {download: 'https://x.example/a.tgz', to: /x, include: [a, ⟦'${NOPE}']}", "TSK009")]
    [InlineData("task:\n  - {download: 'https://x.example/a.tgz', to: /x, uninstall: [/a, ⟦rel]}", "TSK003")]
    [InlineData("service:\n  - {name: a, exec: ⟦[x]}", "yaml.type")]
    [InlineData("service:\n  - {name: a, exec: /x, after: [b.service, ⟦'c d']}", "SVC003")]
    [InlineData("service:\n  - {name: a, exec: /x, env: {A: b, ⟦1B: c}}", "CND009")]
    [InlineData("package: [x]\neval: [{id: a, command: x, stdout: {⟦eqals: y}}]", "CHK001")]
    [InlineData("package: [x]\neval: [{id: a, command: x, context: [build, ⟦run]}]", "CHK001")]
    [InlineData("package: [x]\neval: [{id: a, file: ⟦[/x]}]", "yaml.type")]
    [InlineData("package: [⟦[x]]\nservice: [{name: a, use_packaged: b}]", "yaml.type")]
    [InlineData("var: {A_B: ⟦[x]}\ntask: [{mkdir: '/x/${A_B}'}]", "yaml.type")]
    [InlineData("var: {⟦a: x}\ntask: [{mkdir: '/x/${a}'}]", "CND009")]
    [InlineData("task: [{download: ⟦x}]", "TSK006")]
    [InlineData("package: [x]\nport: [⟦x]\nport_relay: [80]", "CND010")]
    [InlineData("apk: [{package: ⟦[x]}]", "yaml.type")]
    [InlineData("package: [x]\nservice: [⟦{name: a}, {name: a, exec: /x}]", "SVC001")]
    [InlineData("package: [x]\nscenario: [{name: ⟦[x], step: [{then: <v>}], example: [{v: '1'}]}]", "yaml.type")]
    [InlineData("service: [{name: a, exec: ⟦''}]", "SVC001")]
    [InlineData("distro: {debian: {package: [a], repo: [{name: b, url: ⟦''}]}}", "CND016")]
    [InlineData("distro: {arch: {package: [a], repo: [{name: b, server: ⟦''}]}}", "CND016")]
    [InlineData("distro: {arch: {package: [a], repo: [{name: ⟦'', server: x}]}}", "CND016")]
    [InlineData("apk: [{package: ⟦''}]", "CND017")]
    [InlineData("package: [x]\nvolume: [{name: a, path: ⟦''}]", "CND011")]
    public async Task A_fault_is_one_error_at_its_place(string fields, string code) => Assert.Equal((code, false), await PlaceAsync(fields));

    [Theory]
    [InlineData("package: [x]\neval: [{id: a, adb: shell, ⟦scop: deploy}]")]
    [InlineData("package: [x]\neval: [{id: a, appium: find, ⟦selectr: x}]")]
    [InlineData("package: [x]\neval: [{id: a, package: x, package_map: {debian: y, ⟦fedroa: z}}]")]
    [InlineData("package: [x]\neval: [{id: a, package: x, package_map: {⟦debian-13x: z}}]")]
    [InlineData("package: [x]\neval: [{id: a, package: x, exclude_distros: [arch, ⟦ubunut]}]")]
    public async Task A_slip_of_the_pen_is_warned_of_at_its_place(string fields) => Assert.Equal(("CFG013", true), await PlaceAsync(fields));

    [Theory]
    [InlineData("package: [x]\neval: [{id: a, appium: find, some_thing: x, other: [y]}]")]
    [InlineData("package: [x]\neval: [{id: a, package: x, package_map: {pop: y, gentoo-2: z, opensuse-leap: w}}]")]
    public async Task What_may_be_called_anything_is_not_warned_of(string fields)
    {
        Write("charly.yml", "version: 2026.163.0928\n");
        WriteCandy("demo", fields);
        Assert.Empty((await LoadAsync()).Candies.Problems("demo"));
    }

    // The mark must be where the only problem is.
    private async Task<(string Code, bool IsWarning)> PlaceAsync(string fields)
    {
        Write("charly.yml", "version: 2026.163.0928\n");
        WriteCandy("demo", fields);
        var file = Path.Combine(Folder, "candy/demo/charly.yml");
        var text = await File.ReadAllTextAsync(file);
        var mark = text.IndexOf(Mark, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, text.Remove(mark, 1));
        var problem = Assert.Single((await LoadAsync()).Candies.Problems("demo"));
        Assert.Equal(
            new SourcePosition("candy/demo/charly.yml", 1 + text.AsSpan(0, mark).Count('\n'), mark - text.LastIndexOf('\n', mark)), problem.Position);
        Assert.NotEmpty(problem.Help);
        return (problem.Code.Id, problem.IsWarning);
    }
}
