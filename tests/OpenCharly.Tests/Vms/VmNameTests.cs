using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Vms;

public sealed class VmNameTests
{
    [Theory]
    [InlineData("web", "web", null, "charly-web", "vm:web")]
    [InlineData("web/blue", "web", "blue", "charly-web-blue", "vm:web/blue")]
    [InlineData("vm:web/blue", "web", "blue", "charly-web-blue", "vm:web/blue")]
    [InlineData("vm:ns.web/blue", "ns.web", "blue", "charly-ns.web-blue", "vm:ns.web/blue")]
    public void A_name_is_an_entity_and_perhaps_an_instance(string text, string entity, string? instance, string id, string key)
    {
        var name = VmName.Parse(text);
        Assert.Equal((entity, instance, id, key), (name.Entity, name.Instance, name.Id, name.Key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../web")]
    [InlineData("web/..")]
    [InlineData("web/")]
    [InlineData("web/a/b")]
    [InlineData("a b")]
    [InlineData("a'b")]
    [InlineData("a\"b")]
    [InlineData("a;b")]
    [InlineData("web\n")]
    [InlineData("-rf")]
    [InlineData(".b")]
    [InlineData("a.")]
    [InlineData("a..b")]
    [InlineData("web/a.b")]
    [InlineData("web-eph-1")]
    [InlineData("$(id)")]
    public void What_could_not_be_a_folder_and_an_alias_is_no_name(string text) =>
        Assert.Equal(Errors.BadName, Assert.Throws<CharlyException>(() => VmName.Parse(text)).Code);

    [Theory]
    [InlineData("web", null)]
    [InlineData("web", "blue")]
    [InlineData("web-a", "b-c")]
    [InlineData("ns.web", "b-c")]
    public void A_record_tells_which_machine_it_stands_for(string entity, string? instance)
    {
        var name = new VmName(entity, instance);
        var handle = new VmHandle { Id = "qemu-x", Name = name.Id, Backend = "qemu", WorkDir = "/w", Instance = instance };
        Assert.Equal(name, VmName.Of(handle));
    }
}
