param([Parameter(Mandatory)] [string] $Module)

# VMFiles around the noop backend: files, records and ssh set-up are real, and nothing boots.
Describe 'VMFiles' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        $folder = [System.IO.Directory]::CreateTempSubdirectory('charly-pester-').FullName
        $old = Use-TestHome (New-TestHome (Join-Path $folder 'home'))
        $env:CHARLY_VM_BACKEND = 'noop'
        $project = (New-Item -ItemType Directory (Join-Path $folder 'project')).FullName
        Push-Location $project
        Set-Content VMFile.kdl @'
vm "lab" {
    image "base.qcow2"
    vcpus 2
    memory 2048
    network "none"
}
vm "labour" { image "base.qcow2"; port-forward "18080:80" }
vm "db" { image "base.qcow2"; disk 3 }
'@
        $hasImageTool = [bool](Get-Command qemu-img -ErrorAction Ignore)
        if ($hasImageTool) { qemu-img create -q -f qcow2 base.qcow2 16M } else { Set-Content base.qcow2 '' }
    }

    AfterAll {
        Pop-Location
        Remove-Item Env:CHARLY_VM_BACKEND
        Reset-TestHome $old
        Remove-Item $folder -Recurse -Force
    }

    It 'are read into definitions' {
        $machines = Import-CharlyVmFile
        $machines | Should -BeOfType OpenCharly.Vms.Definitions.VmDefinition
        $machines.Name | Should -Be 'lab', 'labour', 'db'
        $machines[0].Vcpus | Should -Be 2
        $machines[0].Path | Should -Be (Join-Path $project 'VMFile.kdl')
    }

    It 'fit a table of 120 columns and a list' {
        $table = Import-CharlyVmFile | Format-Table | Out-String -Width 120
        $table | Should -Match 'Name\s+CPUs\s+Memory'
        $table | Should -Match 'labour'
        Import-CharlyVmFile | Format-List | Out-String | Should -Match '127.0.0.1:18080 => 80/tcp'
    }

    It 'that are broken are told with their place' {
        Set-Content broken.kdl "vm `"a`" {`n  imagee `"x`"`n}"
        Import-CharlyVmFile broken.kdl -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -Match '^vmfile\.validation,'
        "$($problems[0])" | Should -Match 'imagee'
        Remove-Item broken.kdl
    }

    It 'that are missing are an error that says so' {
        { Import-CharlyVmFile nowhere.kdl -ErrorAction Stop } | Should -Throw -ErrorId 'vmfile.not_found,*'
    }

    It 'complete the names of their machines' {
        (TabExpansion2 'Start-CharlyVmFile la').CompletionMatches.CompletionText | Should -Be 'lab', 'labour'
        (TabExpansion2 'Stop-CharlyVmFile -Name d').CompletionMatches.CompletionText | Should -Be 'db'
    }

    It 'say what they would do with -WhatIf, and do nothing' {
        Start-CharlyVmFile -WhatIf | Should -BeNullOrEmpty
        Get-CharlyVm | Should -BeNullOrEmpty
    }

    It 'are brought up, listed, made anew and destroyed' {
        if (-not $hasImageTool) { Set-ItResult -Skipped -Because 'qemu-img is not installed'; return }
        $vms = Start-CharlyVmFile 'lab*'
        $vms | Should -BeOfType OpenCharly.Vms.CharlyVm
        $vms.Name | Should -Be 'lab', 'labour'
        (Import-CharlyVmFile | Where-Object Name -eq db | Start-CharlyVmFile).DiskGb | Should -Be 3
        (Get-CharlyVm).Name | Should -Be 'db', 'lab', 'labour'
        # Nothing boots here, and -Running is of what runs, machines of VMFiles too.
        (Get-CharlyVm -Running).Count | Should -Be @(Get-CharlyVm | Where-Object Status -in Running, Suspended).Count
        $mac = (Get-CharlyVm labour).Mac
        (Restart-CharlyVmFile labour -Confirm:$false).Mac | Should -Not -Be $mac
        Invoke-CharlyVmFileProvision | Should -BeNullOrEmpty
        Stop-CharlyVmFile db -Destroy -Confirm:$false
        (Get-CharlyVm).Name | Should -Be 'lab', 'labour'
        Get-CharlyVm | Remove-CharlyVm -Confirm:$false
        Get-CharlyVm | Should -BeNullOrEmpty
    }

    It 'have a sibling in machines that are made of an image by options' {
        if (-not $hasImageTool) { Set-ItResult -Skipped -Because 'qemu-img is not installed'; return }
        $vm = New-CharlyVm solo -Image base.qcow2 -VCpus 2 -Memory 512 -PortForward 18081:80
        $vm | Should -BeOfType OpenCharly.Vms.CharlyVm
        $vm.MemoryMb | Should -Be 512
        New-CharlyVm solo -Image base.qcow2 -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -Match '^vm\.name_exists,'
        New-CharlyVm other -Image none.qcow2 -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -Match '^vm\.image_not_found,'
        Remove-CharlyVm solo -Confirm:$false
    }

    It 'share images that can be looked into and converted' {
        if (-not $hasImageTool) { Set-ItResult -Skipped -Because 'qemu-img is not installed'; return }
        Get-CharlyImage | Should -BeNullOrEmpty
        (Get-CharlyImage ./base.qcow2).Format | Should -Be 'qcow2'
        (Convert-CharlyImage ./base.qcow2 copy.raw -Format raw).VirtualSize | Should -Be 16MB
        { Convert-CharlyImage ./base.qcow2 copy.raw -ErrorAction Stop } | Should -Throw -ErrorId 'file.exists,*'
        { Remove-CharlyImage none -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'image.not_found,*'
    }
}
