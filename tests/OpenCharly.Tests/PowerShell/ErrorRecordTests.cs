using System.Management.Automation;
using System.Reflection;
using OpenCharly.Foundation;
using OpenCharly.PowerShell;

namespace OpenCharly.Tests.PowerShell;

public sealed class ErrorRecordTests
{
    [Fact]
    public void Every_kind_of_error_has_a_category()
    {
        foreach (var kind in Enum.GetValues<ErrorKind>()) Assert.NotEqual(ErrorCategory.NotSpecified, ErrorRecords.CategoryOf(kind));
    }

    [Fact]
    public void Every_code_of_the_catalogue_has_a_category()
    {
        var codes = typeof(Errors).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => f.GetValue(null)).OfType<ErrorCode>().ToArray();
        Assert.True(codes.Length > 50, $"only {codes.Length} codes were found");
        foreach (var code in codes) Assert.NotEqual(ErrorCategory.NotSpecified, ErrorRecords.CategoryOf(code));
    }

    [Theory]
    [InlineData("vm.not_found", ErrorCategory.ObjectNotFound)]
    [InlineData("vm.name_exists", ErrorCategory.ResourceExists)]
    [InlineData("vm.wait_timeout", ErrorCategory.OperationTimeout)]
    [InlineData("tool.missing", ErrorCategory.NotInstalled)]
    [InlineData("usage", ErrorCategory.InvalidArgument)]
    [InlineData("deploy.unreachable", ErrorCategory.ConnectionError)]
    [InlineData("PLN006", ErrorCategory.PermissionDenied)]
    public void The_category_is_the_closest_word_that_PowerShell_has(string id, ErrorCategory category)
    {
        var code = typeof(Errors).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => f.GetValue(null)).OfType<ErrorCode>().Single(c => c.Id == id);
        Assert.Equal(category, ErrorRecords.CategoryOf(code));
    }

    [Fact]
    public void A_kind_that_nobody_mapped_is_not_passed_over() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ErrorRecords.CategoryOf((ErrorKind)99));
}
