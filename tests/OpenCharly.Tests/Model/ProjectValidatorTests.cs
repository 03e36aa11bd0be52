using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Tests.Model;

public sealed class ProjectValidatorTests : ProjectFixture
{
    private async Task<IReadOnlyList<Problem>> ValidateAsync(string? folder = null) =>
        await new ProjectValidator(new ReferenceResolver(Machine, Loader)).ValidateAsync(await Loader.LoadAsync(folder ?? Folder));

    [Fact]
    public async Task Everything_wrong_with_a_project_is_listed()
    {
        Write("charly.yml", "version: 2026.163.0928\nbox:\n  a: {base: b, candy: [nope]}\n  b: {base: a}\nvm:\n  web: {ram: x}\n");
        Write("candy/bare/charly.yml", "candy: {name: bare}\n");
        Write("candy/bad/charly.yml", "candy: {name: bad, engine: rkt, port: [0]}\n");
        Assert.Equal(
            ["BOX001", "BOX003", "CND002", "CND003", "CND004", "CND010", "CND018", "REF002", "vm.validation"],
            (await ValidateAsync()).Select(p => p.Code.Id).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_image_of_a_pod_may_be_one_that_no_project_knows()
    {
        Write("charly.yml", """
            version: 2026.163.0928
            deploy:
              notes-pinned-2026.131.2134: {target: pod, box: "registry.example.org/acme/notes:2026.131.2134"}
              digest: {target: k8s, box: "notes@sha256:0000000000000000000000000000000000000000000000000000000000000000"}
              wrong: {target: pod, box: notess}
              here: {target: local, box: "registry.example.org/acme/notes:1"}
            """);
        Assert.Equal([("REF002", 5), ("REF008", 6)], (await ValidateAsync()).Where(p => !p.IsWarning).Select(p => (p.Code.Id, p.Position!.Line)));
    }

    [Fact]
    public async Task The_catalog_has_no_structural_error()
    {
        if (Catalog.IsAbsent()) return;
        Assert.DoesNotContain(await ValidateAsync(Catalog.Folder), p => !p.IsWarning);
    }
}
