namespace OpenCharly.Tests.Catalogue;

/// <summary>Names the code of the catalogue of errors that a test stands for.</summary>
/// <param name="code">The code, such as <c>RUN001</c>.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class CatalogueCodeAttribute(string code) : Attribute
{
    public string Code => code;
}

/// <summary>The codes that users and scripts rely on: they never change, and each has a test.</summary>
internal static class CatalogueCodes
{
    public static IReadOnlyList<string> All { get; } =
    [
        .. Range("CFG", 11), .. Range("REF", 8), .. Range("CND", 20), .. Range("TSK", 9), .. Range("SVC", 4), .. Range("BOX", 8),
        .. Range("PLN", 4), .. Range("RUN", 2), .. Range("LED", 2), .. Range("CHK", 1),
    ];

    private static IEnumerable<string> Range(string area, int count) => Enumerable.Range(1, count).Select(i => $"{area}{i:000}");
}
