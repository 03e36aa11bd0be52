param([Parameter(Mandatory)] [string] $Module)

# Templates as files, a folder as their registry, and machines of them on the noop backend.
Describe 'Templates' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        $folder = [System.IO.Directory]::CreateTempSubdirectory('charly-pester-').FullName
        $old = Use-TestHome (New-TestHome (Join-Path $folder 'home'))
        $env:CHARLY_VM_BACKEND = 'noop'
        $env:CHARLY_TEMPLATE_REGISTRY_ENDPOINT = "file://$folder/registry"
        $project = (New-Item -ItemType Directory (Join-Path $folder 'project')).FullName
        Push-Location $project
        $run = 'printf kernel > $OUT/vmlinux', 'truncate -s 16M $OUT/rootfs.ext4', 'printf r1 > $OUT/revision'
        $hasImageTool = [bool](Get-Command qemu-img -ErrorAction Ignore)
    }

    AfterAll {
        Pop-Location
        Remove-Item Env:CHARLY_VM_BACKEND, Env:CHARLY_TEMPLATE_REGISTRY_ENDPOINT
        Reset-TestHome $old
        Remove-Item $folder -Recurse -Force
    }

    It 'are none at first' {
        Get-CharlyTemplate | Should -BeNullOrEmpty
        { Get-CharlyTemplate none -ErrorAction Stop } | Should -Throw -ErrorId 'template.not_found,*'
    }

    It 'say what they would do with -WhatIf, and do nothing' {
        New-CharlyTemplate base -WhatIf | Should -BeNullOrEmpty
        Initialize-CharlyTemplate base -WhatIf | Should -BeNullOrEmpty
        Initialize-CharlyTemplate base -Local -Directory . -WhatIf | Should -BeNullOrEmpty
        Build-CharlyTemplate base -WhatIf | Should -BeNullOrEmpty
        Publish-CharlyTemplate base -WhatIf | Should -BeNullOrEmpty
        Save-CharlyTemplate base -WhatIf | Should -BeNullOrEmpty
        Remove-CharlyTemplate base -WhatIf
        Get-CharlyTemplate | Should -BeNullOrEmpty
        Get-ChildItem | Should -BeNullOrEmpty
    }

    It 'are described, listed and shown' {
        $template = New-CharlyTemplate base -VCpus 3 -Memory 700 -Command $run
        $template | Should -BeOfType OpenCharly.Vms.Templates.VmTemplate
        $template.FlakeRef | Should -Be $project
        $template.Builder.Kind | Should -Be 'command'
        (New-CharlyTemplate edge -Role gateway, worker).Name | Should -Be 'edge-gateway', 'edge-worker'
        (New-CharlyTemplate plain -Role gateway).Role | Should -Be 'gateway'
        (Get-CharlyTemplate).Name | Should -Be 'base', 'edge-gateway', 'edge-worker', 'plain'
        (Get-CharlyTemplate 'edge-*').Count | Should -Be 2
        Get-CharlyTemplate base | Format-Table | Out-String -Width 120 | Should -Match 'base\s+worker\s+default\s+3\s+700 MB\s+command'
        { New-CharlyTemplate base -Memory much -ErrorAction Stop } | Should -Throw -ErrorId 'vm.invalid_memory,*'
        { New-CharlyTemplate '../up' -ErrorAction Stop } | Should -Throw -ErrorId 'name.invalid,*'
    }

    It 'complete their names' {
        (Get-Completion 'Build-CharlyTemplate edge-').CompletionText | Should -Be 'edge-gateway', 'edge-worker'
        (Get-Completion 'New-CharlyVm x -Template ba').CompletionText | Should -Be 'base'
    }

    It 'are built into revisions' {
        $revision = Get-CharlyTemplate base | Build-CharlyTemplate
        $revision | Should -BeOfType OpenCharly.Vms.Templates.TemplateRevision
        $revision.Revision | Should -Be 'r1'
        $revision.IsCurrent | Should -BeTrue
        Join-Path $revision.Path 'vmlinux' | Should -FileContentMatchExactly 'kernel'
        (Get-CharlyTemplate base).Current | Should -Be 'r1'
        Build-CharlyTemplate plain -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -Match '^(tool\.missing|template\.build_failed),'
    }

    It 'are built as the variants of a file' {
        Set-Content v.toml "[[variants]]`nname = `"one`"`n[[variants]]`nname = `"two`"`nvcpus = 5"
        $built = Build-CharlyTemplate base -Config v.toml
        $built.Template | Should -Be 'one', 'two'
        $built[1].Vcpus | Should -Be 5
        Set-Content v.toml '[[variants]'
        { Build-CharlyTemplate base -Config v.toml -ErrorAction Stop } | Should -Throw -ErrorId 'template.corrupt,*'
    }

    It 'are pushed, tested and pulled' {
        { Test-CharlyTemplate base -ErrorAction Stop } | Should -Throw -ErrorId 'template.corrupt,*'
        (Publish-CharlyTemplate base).Revision | Should -Be 'r1'
        Test-CharlyTemplate base | Should -BeTrue
        $kernel = Join-Path (Get-CharlyTemplate base).Revisions[0].Path 'vmlinux'
        Set-Content $kernel 'damaged'
        Test-CharlyTemplate base | Should -BeFalse
        (Test-CharlyTemplate base -Verbose 4>&1 | Out-String) | Should -Match 'vmlinux has the checksum'
        (Save-CharlyTemplate base -Revision r1).Revision | Should -Be 'r1'
        Test-CharlyTemplate base | Should -BeTrue
        { Save-CharlyTemplate none -ErrorAction Stop } | Should -Throw -ErrorId 'template.not_found,*'
        { Publish-CharlyTemplate plain -ErrorAction Stop } | Should -Throw -ErrorId 'template.no_current,*'
        $env:CHARLY_TEMPLATE_REGISTRY_ENDPOINT = $null
        try { { Save-CharlyTemplate base -ErrorAction Stop } | Should -Throw -ErrorId 'template.registry_unconfigured,*' }
        finally { $env:CHARLY_TEMPLATE_REGISTRY_ENDPOINT = "file://$folder/registry" }
    }

    It 'make machines, and stay as long as those do' {
        if (-not $hasImageTool) { Set-ItResult -Skipped -Because 'qemu-img is not installed'; return }
        $vm = New-CharlyVm solo -Template base -Disk 1
        $vm | Should -BeOfType OpenCharly.Vms.CharlyVm
        $vm.Cpus, $vm.MemoryMb, $vm.DiskGb | Should -Be 3, 700, 1
        New-CharlyVm pinned -Template (Get-CharlyTemplate base).Revisions[0] | Remove-CharlyVm -Confirm:$false
        { Remove-CharlyTemplate base -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'template.in_use,*'
        Remove-CharlyVm solo -Confirm:$false
    }

    It 'begin with sources' {
        $files = Initialize-CharlyTemplate web -Local -Directory src
        $files | Split-Path -Leaf | Should -Be 'build', 'template.toml'
        Initialize-CharlyTemplate web -Local -Directory src | Should -BeNullOrEmpty
        (Initialize-CharlyTemplate web).IsDefined | Should -BeFalse
    }

    It 'are removed' {
        Get-CharlyTemplate | Remove-CharlyTemplate -Confirm:$false
        Get-CharlyTemplate | Should -BeNullOrEmpty
        { Remove-CharlyTemplate base -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'template.not_found,*'
        Remove-CharlyTemplate base -Force -Confirm:$false
    }
}
