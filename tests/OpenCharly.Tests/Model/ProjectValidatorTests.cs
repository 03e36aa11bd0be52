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
    public async Task The_catalog_has_no_structural_error()
    {
        if (Catalog.IsAbsent()) return;
        Assert.DoesNotContain(await ValidateAsync(Catalog.Folder), p => !p.IsWarning);
    }
}
