using System.Reflection;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Catalogue;

public sealed class CatalogueCoverageTests
{
    [Fact]
    public void Every_code_of_the_catalogue_has_a_test()
    {
        var tested = typeof(CatalogueCoverageTests).Assembly.GetTypes()
            .SelectMany(t => t.GetMethods())
            .Where(m => m.GetCustomAttribute<FactAttribute>() is not null)
            .SelectMany(m => m.GetCustomAttributes<CatalogueCodeAttribute>())
            .Select(a => a.Code)
            .Concat(ProjectErrorTests.Cases.Select(c => (string)c[0]));
        Assert.Equal([], CatalogueCodes.All.Except(tested));
    }

    [Fact]
    public void Every_code_of_the_catalogue_is_a_code_of_the_engine_and_no_code_stands_for_two_errors()
    {
        var ids = typeof(Errors).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => ((ErrorCode)f.GetValue(null)!).Id).ToArray();
        Assert.Equal([], CatalogueCodes.All.Except(ids));
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }
}
